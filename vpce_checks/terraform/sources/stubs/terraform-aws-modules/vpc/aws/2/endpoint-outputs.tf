# What callers see of the endpoints.

output "vpc_endpoint_access_analyzer_dns_entry" {
  value = flatten(aws_vpc_endpoint.access_analyzer[*].dns_entry)
}

output "vpc_endpoint_access_analyzer_id" {
  value = try(aws_vpc_endpoint.access_analyzer[0].id, "")
}

output "vpc_endpoint_access_analyzer_network_interface_ids" {
  value = flatten(aws_vpc_endpoint.access_analyzer[*].network_interface_ids)
}

output "vpc_endpoint_acm_pca_dns_entry" {
  value = flatten(aws_vpc_endpoint.acm_pca[*].dns_entry)
}

output "vpc_endpoint_acm_pca_id" {
  value = try(aws_vpc_endpoint.acm_pca[0].id, "")
}

output "vpc_endpoint_acm_pca_network_interface_ids" {
  value = flatten(aws_vpc_endpoint.acm_pca[*].network_interface_ids)
}

output "vpc_endpoint_apigw_dns_entry" {
  value = flatten(aws_vpc_endpoint.apigw[*].dns_entry)
}

output "vpc_endpoint_apigw_id" {
  value = try(aws_vpc_endpoint.apigw[0].id, "")
}

output "vpc_endpoint_apigw_network_interface_ids" {
  value = flatten(aws_vpc_endpoint.apigw[*].network_interface_ids)
}

output "vpc_endpoint_appmesh_envoy_management_dns_entry" {
  value = flatten(aws_vpc_endpoint.appmesh_envoy_management[*].dns_entry)
}

output "vpc_endpoint_appmesh_envoy_management_id" {
  value = try(aws_vpc_endpoint.appmesh_envoy_management[0].id, "")
}

output "vpc_endpoint_appmesh_envoy_management_network_interface_ids" {
  value = flatten(aws_vpc_endpoint.appmesh_envoy_management[*].network_interface_ids)
}

output "vpc_endpoint_appstream_api_dns_entry" {
  value = flatten(aws_vpc_endpoint.appstream_api[*].dns_entry)
}

output "vpc_endpoint_appstream_api_id" {
  value = try(aws_vpc_endpoint.appstream_api[0].id, "")
}

output "vpc_endpoint_appstream_api_network_interface_ids" {
  value = flatten(aws_vpc_endpoint.appstream_api[*].network_interface_ids)
}

output "vpc_endpoint_appstream_streaming_dns_entry" {
  value = flatten(aws_vpc_endpoint.appstream_streaming[*].dns_entry)
}

output "vpc_endpoint_appstream_streaming_id" {
  value = try(aws_vpc_endpoint.appstream_streaming[0].id, "")
}

output "vpc_endpoint_appstream_streaming_network_interface_ids" {
  value = flatten(aws_vpc_endpoint.appstream_streaming[*].network_interface_ids)
}

output "vpc_endpoint_athena_dns_entry" {
  value = flatten(aws_vpc_endpoint.athena[*].dns_entry)
}

output "vpc_endpoint_athena_id" {
  value = try(aws_vpc_endpoint.athena[0].id, "")
}

output "vpc_endpoint_athena_network_interface_ids" {
  value = flatten(aws_vpc_endpoint.athena[*].network_interface_ids)
}

output "vpc_endpoint_auto_scaling_plans_dns_entry" {
  value = flatten(aws_vpc_endpoint.auto_scaling_plans[*].dns_entry)
}

output "vpc_endpoint_auto_scaling_plans_id" {
  value = try(aws_vpc_endpoint.auto_scaling_plans[0].id, "")
}

output "vpc_endpoint_auto_scaling_plans_network_interface_ids" {
  value = flatten(aws_vpc_endpoint.auto_scaling_plans[*].network_interface_ids)
}

output "vpc_endpoint_cloud_directory_dns_entry" {
  value = flatten(aws_vpc_endpoint.cloud_directory[*].dns_entry)
}

output "vpc_endpoint_cloud_directory_id" {
  value = try(aws_vpc_endpoint.cloud_directory[0].id, "")
}

output "vpc_endpoint_cloud_directory_network_interface_ids" {
  value = flatten(aws_vpc_endpoint.cloud_directory[*].network_interface_ids)
}

output "vpc_endpoint_cloudformation_dns_entry" {
  value = flatten(aws_vpc_endpoint.cloudformation[*].dns_entry)
}

output "vpc_endpoint_cloudformation_id" {
  value = try(aws_vpc_endpoint.cloudformation[0].id, "")
}

output "vpc_endpoint_cloudformation_network_interface_ids" {
  value = flatten(aws_vpc_endpoint.cloudformation[*].network_interface_ids)
}

output "vpc_endpoint_cloudtrail_dns_entry" {
  value = flatten(aws_vpc_endpoint.cloudtrail[*].dns_entry)
}

output "vpc_endpoint_cloudtrail_id" {
  value = try(aws_vpc_endpoint.cloudtrail[0].id, "")
}

output "vpc_endpoint_cloudtrail_network_interface_ids" {
  value = flatten(aws_vpc_endpoint.cloudtrail[*].network_interface_ids)
}

output "vpc_endpoint_codeartifact_api_dns_entry" {
  value = flatten(aws_vpc_endpoint.codeartifact_api[*].dns_entry)
}

output "vpc_endpoint_codeartifact_api_id" {
  value = try(aws_vpc_endpoint.codeartifact_api[0].id, "")
}

output "vpc_endpoint_codeartifact_api_network_interface_ids" {
  value = flatten(aws_vpc_endpoint.codeartifact_api[*].network_interface_ids)
}

output "vpc_endpoint_codeartifact_repositories_dns_entry" {
  value = flatten(aws_vpc_endpoint.codeartifact_repositories[*].dns_entry)
}

output "vpc_endpoint_codeartifact_repositories_id" {
  value = try(aws_vpc_endpoint.codeartifact_repositories[0].id, "")
}

output "vpc_endpoint_codeartifact_repositories_network_interface_ids" {
  value = flatten(aws_vpc_endpoint.codeartifact_repositories[*].network_interface_ids)
}

output "vpc_endpoint_codebuild_dns_entry" {
  value = flatten(aws_vpc_endpoint.codebuild[*].dns_entry)
}

output "vpc_endpoint_codebuild_id" {
  value = try(aws_vpc_endpoint.codebuild[0].id, "")
}

output "vpc_endpoint_codebuild_network_interface_ids" {
  value = flatten(aws_vpc_endpoint.codebuild[*].network_interface_ids)
}

output "vpc_endpoint_codecommit_dns_entry" {
  value = flatten(aws_vpc_endpoint.codecommit[*].dns_entry)
}

output "vpc_endpoint_codecommit_id" {
  value = try(aws_vpc_endpoint.codecommit[0].id, "")
}

output "vpc_endpoint_codecommit_network_interface_ids" {
  value = flatten(aws_vpc_endpoint.codecommit[*].network_interface_ids)
}

output "vpc_endpoint_codepipeline_dns_entry" {
  value = flatten(aws_vpc_endpoint.codepipeline[*].dns_entry)
}

output "vpc_endpoint_codepipeline_id" {
  value = try(aws_vpc_endpoint.codepipeline[0].id, "")
}

output "vpc_endpoint_codepipeline_network_interface_ids" {
  value = flatten(aws_vpc_endpoint.codepipeline[*].network_interface_ids)
}

output "vpc_endpoint_config_dns_entry" {
  value = flatten(aws_vpc_endpoint.config[*].dns_entry)
}

output "vpc_endpoint_config_id" {
  value = try(aws_vpc_endpoint.config[0].id, "")
}

output "vpc_endpoint_config_network_interface_ids" {
  value = flatten(aws_vpc_endpoint.config[*].network_interface_ids)
}

output "vpc_endpoint_datasync_dns_entry" {
  value = flatten(aws_vpc_endpoint.datasync[*].dns_entry)
}

output "vpc_endpoint_datasync_id" {
  value = try(aws_vpc_endpoint.datasync[0].id, "")
}

output "vpc_endpoint_datasync_network_interface_ids" {
  value = flatten(aws_vpc_endpoint.datasync[*].network_interface_ids)
}

output "vpc_endpoint_dms_dns_entry" {
  value = flatten(aws_vpc_endpoint.sns[*].dns_entry)
}

output "vpc_endpoint_dms_id" {
  value = try(aws_vpc_endpoint.sns[0].id, "")
}

output "vpc_endpoint_dms_network_interface_ids" {
  value = flatten(aws_vpc_endpoint.sns[*].network_interface_ids)
}

output "vpc_endpoint_dynamodb_id" {
  value = try(aws_vpc_endpoint.dynamodb[0].id, "")
}

output "vpc_endpoint_ebs_dns_entry" {
  value = flatten(aws_vpc_endpoint.ebs[*].dns_entry)
}

output "vpc_endpoint_ebs_id" {
  value = try(aws_vpc_endpoint.ebs[0].id, "")
}

output "vpc_endpoint_ebs_network_interface_ids" {
  value = flatten(aws_vpc_endpoint.ebs[*].network_interface_ids)
}

output "vpc_endpoint_ec2_autoscaling_dns_entry" {
  value = flatten(aws_vpc_endpoint.ec2_autoscaling[*].dns_entry)
}

output "vpc_endpoint_ec2_autoscaling_id" {
  value = try(aws_vpc_endpoint.ec2_autoscaling[0].id, "")
}

output "vpc_endpoint_ec2_autoscaling_network_interface_ids" {
  value = flatten(aws_vpc_endpoint.ec2_autoscaling[*].network_interface_ids)
}

output "vpc_endpoint_ec2_dns_entry" {
  value = flatten(aws_vpc_endpoint.ec2[*].dns_entry)
}

output "vpc_endpoint_ec2_id" {
  value = try(aws_vpc_endpoint.ec2[0].id, "")
}

output "vpc_endpoint_ec2_network_interface_ids" {
  value = flatten(aws_vpc_endpoint.ec2[*].network_interface_ids)
}

output "vpc_endpoint_ec2messages_dns_entry" {
  value = flatten(aws_vpc_endpoint.ec2messages[*].dns_entry)
}

output "vpc_endpoint_ec2messages_id" {
  value = try(aws_vpc_endpoint.ec2messages[0].id, "")
}

output "vpc_endpoint_ec2messages_network_interface_ids" {
  value = flatten(aws_vpc_endpoint.ec2messages[*].network_interface_ids)
}

output "vpc_endpoint_ecr_api_dns_entry" {
  value = flatten(aws_vpc_endpoint.ecr_api[*].dns_entry)
}

output "vpc_endpoint_ecr_api_id" {
  value = try(aws_vpc_endpoint.ecr_api[0].id, "")
}

output "vpc_endpoint_ecr_api_network_interface_ids" {
  value = flatten(aws_vpc_endpoint.ecr_api[*].network_interface_ids)
}

output "vpc_endpoint_ecr_dkr_dns_entry" {
  value = flatten(aws_vpc_endpoint.ecr_dkr[*].dns_entry)
}

output "vpc_endpoint_ecr_dkr_id" {
  value = try(aws_vpc_endpoint.ecr_dkr[0].id, "")
}

output "vpc_endpoint_ecr_dkr_network_interface_ids" {
  value = flatten(aws_vpc_endpoint.ecr_dkr[*].network_interface_ids)
}

output "vpc_endpoint_ecs_agent_dns_entry" {
  value = flatten(aws_vpc_endpoint.ecs_agent[*].dns_entry)
}

output "vpc_endpoint_ecs_agent_id" {
  value = try(aws_vpc_endpoint.ecs_agent[0].id, "")
}

output "vpc_endpoint_ecs_agent_network_interface_ids" {
  value = flatten(aws_vpc_endpoint.ecs_agent[*].network_interface_ids)
}

output "vpc_endpoint_ecs_dns_entry" {
  value = flatten(aws_vpc_endpoint.ecs[*].dns_entry)
}

output "vpc_endpoint_ecs_id" {
  value = try(aws_vpc_endpoint.ecs[0].id, "")
}

output "vpc_endpoint_ecs_network_interface_ids" {
  value = flatten(aws_vpc_endpoint.ecs[*].network_interface_ids)
}

output "vpc_endpoint_ecs_telemetry_dns_entry" {
  value = flatten(aws_vpc_endpoint.ecs_telemetry[*].dns_entry)
}

output "vpc_endpoint_ecs_telemetry_id" {
  value = try(aws_vpc_endpoint.ecs_telemetry[0].id, "")
}

output "vpc_endpoint_ecs_telemetry_network_interface_ids" {
  value = flatten(aws_vpc_endpoint.ecs_telemetry[*].network_interface_ids)
}

output "vpc_endpoint_efs_dns_entry" {
  value = flatten(aws_vpc_endpoint.efs[*].dns_entry)
}

output "vpc_endpoint_efs_id" {
  value = try(aws_vpc_endpoint.efs[0].id, "")
}

output "vpc_endpoint_efs_network_interface_ids" {
  value = flatten(aws_vpc_endpoint.efs[*].network_interface_ids)
}

output "vpc_endpoint_elastic_inference_runtime_dns_entry" {
  value = flatten(aws_vpc_endpoint.elastic_inference_runtime[*].dns_entry)
}

output "vpc_endpoint_elastic_inference_runtime_id" {
  value = try(aws_vpc_endpoint.elastic_inference_runtime[0].id, "")
}

output "vpc_endpoint_elastic_inference_runtime_network_interface_ids" {
  value = flatten(aws_vpc_endpoint.elastic_inference_runtime[*].network_interface_ids)
}

output "vpc_endpoint_elasticbeanstalk_dns_entry" {
  value = flatten(aws_vpc_endpoint.elasticbeanstalk[*].dns_entry)
}

output "vpc_endpoint_elasticbeanstalk_health_dns_entry" {
  value = flatten(aws_vpc_endpoint.elasticbeanstalk_health[*].dns_entry)
}

output "vpc_endpoint_elasticbeanstalk_health_id" {
  value = try(aws_vpc_endpoint.elasticbeanstalk_health[0].id, "")
}

output "vpc_endpoint_elasticbeanstalk_health_network_interface_ids" {
  value = flatten(aws_vpc_endpoint.elasticbeanstalk_health[*].network_interface_ids)
}

output "vpc_endpoint_elasticbeanstalk_id" {
  value = try(aws_vpc_endpoint.elasticbeanstalk[0].id, "")
}

output "vpc_endpoint_elasticbeanstalk_network_interface_ids" {
  value = flatten(aws_vpc_endpoint.elasticbeanstalk[*].network_interface_ids)
}

output "vpc_endpoint_elasticloadbalancing_dns_entry" {
  value = flatten(aws_vpc_endpoint.elasticloadbalancing[*].dns_entry)
}

output "vpc_endpoint_elasticloadbalancing_id" {
  value = try(aws_vpc_endpoint.elasticloadbalancing[0].id, "")
}

output "vpc_endpoint_elasticloadbalancing_network_interface_ids" {
  value = flatten(aws_vpc_endpoint.elasticloadbalancing[*].network_interface_ids)
}

output "vpc_endpoint_elasticmapreduce_dns_entry" {
  value = flatten(aws_vpc_endpoint.emr[*].dns_entry)
}

output "vpc_endpoint_elasticmapreduce_id" {
  value = try(aws_vpc_endpoint.emr[0].id, "")
}

output "vpc_endpoint_elasticmapreduce_network_interface_ids" {
  value = flatten(aws_vpc_endpoint.emr[*].network_interface_ids)
}

output "vpc_endpoint_events_dns_entry" {
  value = flatten(aws_vpc_endpoint.events[*].dns_entry)
}

output "vpc_endpoint_events_id" {
  value = try(aws_vpc_endpoint.events[0].id, "")
}

output "vpc_endpoint_events_network_interface_ids" {
  value = flatten(aws_vpc_endpoint.events[*].network_interface_ids)
}

output "vpc_endpoint_git_codecommit_dns_entry" {
  value = flatten(aws_vpc_endpoint.git_codecommit[*].dns_entry)
}

output "vpc_endpoint_git_codecommit_id" {
  value = try(aws_vpc_endpoint.git_codecommit[0].id, "")
}

output "vpc_endpoint_git_codecommit_network_interface_ids" {
  value = flatten(aws_vpc_endpoint.git_codecommit[*].network_interface_ids)
}

output "vpc_endpoint_glue_dns_entry" {
  value = flatten(aws_vpc_endpoint.glue[*].dns_entry)
}

output "vpc_endpoint_glue_id" {
  value = try(aws_vpc_endpoint.glue[0].id, "")
}

output "vpc_endpoint_glue_network_interface_ids" {
  value = flatten(aws_vpc_endpoint.glue[*].network_interface_ids)
}

output "vpc_endpoint_kinesis_firehose_dns_entry" {
  value = flatten(aws_vpc_endpoint.kinesis_firehose[*].dns_entry)
}

output "vpc_endpoint_kinesis_firehose_id" {
  value = try(aws_vpc_endpoint.kinesis_firehose[0].id, "")
}

output "vpc_endpoint_kinesis_firehose_network_interface_ids" {
  value = flatten(aws_vpc_endpoint.kinesis_firehose[*].network_interface_ids)
}

output "vpc_endpoint_kinesis_streams_dns_entry" {
  value = flatten(aws_vpc_endpoint.kinesis_streams[*].dns_entry)
}

output "vpc_endpoint_kinesis_streams_id" {
  value = try(aws_vpc_endpoint.kinesis_streams[0].id, "")
}

output "vpc_endpoint_kinesis_streams_network_interface_ids" {
  value = flatten(aws_vpc_endpoint.kinesis_streams[*].network_interface_ids)
}

output "vpc_endpoint_kms_dns_entry" {
  value = flatten(aws_vpc_endpoint.kms[*].dns_entry)
}

output "vpc_endpoint_kms_id" {
  value = try(aws_vpc_endpoint.kms[0].id, "")
}

output "vpc_endpoint_kms_network_interface_ids" {
  value = flatten(aws_vpc_endpoint.kms[*].network_interface_ids)
}

output "vpc_endpoint_lambda_dns_entry" {
  value = flatten(aws_vpc_endpoint.lambda[*].dns_entry)
}

output "vpc_endpoint_lambda_id" {
  value = try(aws_vpc_endpoint.lambda[0].id, "")
}

output "vpc_endpoint_lambda_network_interface_ids" {
  value = flatten(aws_vpc_endpoint.lambda[*].network_interface_ids)
}

output "vpc_endpoint_logs_dns_entry" {
  value = flatten(aws_vpc_endpoint.logs[*].dns_entry)
}

output "vpc_endpoint_logs_id" {
  value = try(aws_vpc_endpoint.logs[0].id, "")
}

output "vpc_endpoint_logs_network_interface_ids" {
  value = flatten(aws_vpc_endpoint.logs[*].network_interface_ids)
}

output "vpc_endpoint_monitoring_dns_entry" {
  value = flatten(aws_vpc_endpoint.monitoring[*].dns_entry)
}

output "vpc_endpoint_monitoring_id" {
  value = try(aws_vpc_endpoint.monitoring[0].id, "")
}

output "vpc_endpoint_monitoring_network_interface_ids" {
  value = flatten(aws_vpc_endpoint.monitoring[*].network_interface_ids)
}

output "vpc_endpoint_qldb_session_dns_entry" {
  value = flatten(aws_vpc_endpoint.qldb_session[*].dns_entry)
}

output "vpc_endpoint_qldb_session_id" {
  value = try(aws_vpc_endpoint.qldb_session[0].id, "")
}

output "vpc_endpoint_qldb_session_network_interface_ids" {
  value = flatten(aws_vpc_endpoint.qldb_session[*].network_interface_ids)
}

output "vpc_endpoint_rds_dns_entry" {
  value = flatten(aws_vpc_endpoint.rds[*].dns_entry)
}

output "vpc_endpoint_rds_id" {
  value = try(aws_vpc_endpoint.rds[0].id, "")
}

output "vpc_endpoint_rds_network_interface_ids" {
  value = flatten(aws_vpc_endpoint.rds[*].network_interface_ids)
}

output "vpc_endpoint_rekognition_dns_entry" {
  value = flatten(aws_vpc_endpoint.rekognition[*].dns_entry)
}

output "vpc_endpoint_rekognition_id" {
  value = try(aws_vpc_endpoint.rekognition[0].id, "")
}

output "vpc_endpoint_rekognition_network_interface_ids" {
  value = flatten(aws_vpc_endpoint.rekognition[*].network_interface_ids)
}

output "vpc_endpoint_s3_id" {
  value = try(aws_vpc_endpoint.s3[0].id, "")
}

output "vpc_endpoint_sagemaker_api_dns_entry" {
  value = flatten(aws_vpc_endpoint.sagemaker_api[*].dns_entry)
}

output "vpc_endpoint_sagemaker_api_id" {
  value = try(aws_vpc_endpoint.sagemaker_api[0].id, "")
}

output "vpc_endpoint_sagemaker_api_network_interface_ids" {
  value = flatten(aws_vpc_endpoint.sagemaker_api[*].network_interface_ids)
}

output "vpc_endpoint_sagemaker_runtime_dns_entry" {
  value = flatten(aws_vpc_endpoint.sagemaker_runtime[*].dns_entry)
}

output "vpc_endpoint_sagemaker_runtime_id" {
  value = try(aws_vpc_endpoint.sagemaker_runtime[0].id, "")
}

output "vpc_endpoint_sagemaker_runtime_network_interface_ids" {
  value = flatten(aws_vpc_endpoint.sagemaker_runtime[*].network_interface_ids)
}

output "vpc_endpoint_secretsmanager_dns_entry" {
  value = flatten(aws_vpc_endpoint.secretsmanager[*].dns_entry)
}

output "vpc_endpoint_secretsmanager_id" {
  value = try(aws_vpc_endpoint.secretsmanager[0].id, "")
}

output "vpc_endpoint_secretsmanager_network_interface_ids" {
  value = flatten(aws_vpc_endpoint.secretsmanager[*].network_interface_ids)
}

output "vpc_endpoint_servicecatalog_dns_entry" {
  value = flatten(aws_vpc_endpoint.servicecatalog[*].dns_entry)
}

output "vpc_endpoint_servicecatalog_id" {
  value = try(aws_vpc_endpoint.servicecatalog[0].id, "")
}

output "vpc_endpoint_servicecatalog_network_interface_ids" {
  value = flatten(aws_vpc_endpoint.servicecatalog[*].network_interface_ids)
}

output "vpc_endpoint_ses_dns_entry" {
  value = flatten(aws_vpc_endpoint.ses[*].dns_entry)
}

output "vpc_endpoint_ses_id" {
  value = try(aws_vpc_endpoint.ses[0].id, "")
}

output "vpc_endpoint_ses_network_interface_ids" {
  value = flatten(aws_vpc_endpoint.ses[*].network_interface_ids)
}

output "vpc_endpoint_sms_dns_entry" {
  value = flatten(aws_vpc_endpoint.sms[*].dns_entry)
}

output "vpc_endpoint_sms_id" {
  value = try(aws_vpc_endpoint.sms[0].id, "")
}

output "vpc_endpoint_sms_network_interface_ids" {
  value = flatten(aws_vpc_endpoint.sms[*].network_interface_ids)
}

output "vpc_endpoint_sns_dns_entry" {
  value = flatten(aws_vpc_endpoint.sns[*].dns_entry)
}

output "vpc_endpoint_sns_id" {
  value = try(aws_vpc_endpoint.sns[0].id, "")
}

output "vpc_endpoint_sns_network_interface_ids" {
  value = flatten(aws_vpc_endpoint.sns[*].network_interface_ids)
}

output "vpc_endpoint_sqs_dns_entry" {
  value = flatten(aws_vpc_endpoint.sqs[*].dns_entry)
}

output "vpc_endpoint_sqs_id" {
  value = try(aws_vpc_endpoint.sqs[0].id, "")
}

output "vpc_endpoint_sqs_network_interface_ids" {
  value = flatten(aws_vpc_endpoint.sqs[*].network_interface_ids)
}

output "vpc_endpoint_ssm_dns_entry" {
  value = flatten(aws_vpc_endpoint.ssm[*].dns_entry)
}

output "vpc_endpoint_ssm_id" {
  value = try(aws_vpc_endpoint.ssm[0].id, "")
}

output "vpc_endpoint_ssm_network_interface_ids" {
  value = flatten(aws_vpc_endpoint.ssm[*].network_interface_ids)
}

output "vpc_endpoint_ssmmessages_dns_entry" {
  value = flatten(aws_vpc_endpoint.ssmmessages[*].dns_entry)
}

output "vpc_endpoint_ssmmessages_id" {
  value = try(aws_vpc_endpoint.ssmmessages[0].id, "")
}

output "vpc_endpoint_ssmmessages_network_interface_ids" {
  value = flatten(aws_vpc_endpoint.ssmmessages[*].network_interface_ids)
}

output "vpc_endpoint_states_dns_entry" {
  value = flatten(aws_vpc_endpoint.states[*].dns_entry)
}

output "vpc_endpoint_states_id" {
  value = try(aws_vpc_endpoint.states[0].id, "")
}

output "vpc_endpoint_states_network_interface_ids" {
  value = flatten(aws_vpc_endpoint.states[*].network_interface_ids)
}

output "vpc_endpoint_storagegateway_dns_entry" {
  value = flatten(aws_vpc_endpoint.storagegateway[*].dns_entry)
}

output "vpc_endpoint_storagegateway_id" {
  value = try(aws_vpc_endpoint.storagegateway[0].id, "")
}

output "vpc_endpoint_storagegateway_network_interface_ids" {
  value = flatten(aws_vpc_endpoint.storagegateway[*].network_interface_ids)
}

output "vpc_endpoint_sts_dns_entry" {
  value = flatten(aws_vpc_endpoint.sts[*].dns_entry)
}

output "vpc_endpoint_sts_id" {
  value = try(aws_vpc_endpoint.sts[0].id, "")
}

output "vpc_endpoint_sts_network_interface_ids" {
  value = flatten(aws_vpc_endpoint.sts[*].network_interface_ids)
}

output "vpc_endpoint_textract_dns_entry" {
  value = flatten(aws_vpc_endpoint.textract[*].dns_entry)
}

output "vpc_endpoint_textract_id" {
  value = try(aws_vpc_endpoint.textract[0].id, "")
}

output "vpc_endpoint_textract_network_interface_ids" {
  value = flatten(aws_vpc_endpoint.textract[*].network_interface_ids)
}

output "vpc_endpoint_transfer_dns_entry" {
  value = flatten(aws_vpc_endpoint.transfer[*].dns_entry)
}

output "vpc_endpoint_transfer_id" {
  value = try(aws_vpc_endpoint.transfer[0].id, "")
}

output "vpc_endpoint_transfer_network_interface_ids" {
  value = flatten(aws_vpc_endpoint.transfer[*].network_interface_ids)
}

output "vpc_endpoint_transferserver_dns_entry" {
  value = flatten(aws_vpc_endpoint.transferserver[*].dns_entry)
}

output "vpc_endpoint_transferserver_id" {
  value = try(aws_vpc_endpoint.transferserver[0].id, "")
}

output "vpc_endpoint_transferserver_network_interface_ids" {
  value = flatten(aws_vpc_endpoint.transferserver[*].network_interface_ids)
}

output "vpc_endpoint_workspaces_dns_entry" {
  value = flatten(aws_vpc_endpoint.workspaces[*].dns_entry)
}

output "vpc_endpoint_workspaces_id" {
  value = try(aws_vpc_endpoint.workspaces[0].id, "")
}

output "vpc_endpoint_workspaces_network_interface_ids" {
  value = flatten(aws_vpc_endpoint.workspaces[*].network_interface_ids)
}

output "vpc_endpoint_s3_pl_id" {
  value = try(aws_vpc_endpoint.s3[0].prefix_list_id, "")
}

output "vpc_endpoint_dynamodb_pl_id" {
  value = try(aws_vpc_endpoint.dynamodb[0].prefix_list_id, "")
}
