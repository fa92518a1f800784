# Subnets of every tier and what hangs on them alone.

resource "aws_subnet" "public" {
  count             = local.has.public && (!var.one_nat_gateway_per_az || local.sizes.public >= length(var.azs)) ? local.sizes.public : 0
  vpc_id            = local.vpc_id
  availability_zone = length(regexall("^[a-z]{2}-", element(var.azs, count.index))) > 0 ? element(var.azs, count.index) : null
  ipv6_cidr_block = (
    var.enable_ipv6 && length(var.public_subnet_ipv6_prefixes) > 0
    ? cidrsubnet(aws_vpc.this[0].ipv6_cidr_block, 8, var.public_subnet_ipv6_prefixes[count.index]) : null
  )
  cidr_block              = try(local.native.public, false) ? null : element(concat(var.public_subnets, [""]), count.index)
  map_public_ip_on_launch = var.map_public_ip_on_launch
}

resource "aws_network_acl" "public" {
  count  = local.has.public && var.public_dedicated_network_acl ? 1 : 0
  vpc_id = local.vpc_id
}

resource "aws_subnet" "private" {
  count             = local.has.private ? local.sizes.private : 0
  vpc_id            = local.vpc_id
  availability_zone = length(regexall("^[a-z]{2}-", element(var.azs, count.index))) > 0 ? element(var.azs, count.index) : null
  ipv6_cidr_block = (
    var.enable_ipv6 && length(var.private_subnet_ipv6_prefixes) > 0
    ? cidrsubnet(aws_vpc.this[0].ipv6_cidr_block, 8, var.private_subnet_ipv6_prefixes[count.index]) : null
  )
  cidr_block = try(local.native.private, false) ? null : element(concat(var.private_subnets, [""]), count.index)
}

resource "aws_network_acl" "private" {
  count  = local.has.private && var.private_dedicated_network_acl ? 1 : 0
  vpc_id = local.vpc_id
}

resource "aws_subnet" "database" {
  count             = local.has.database ? local.sizes.database : 0
  vpc_id            = local.vpc_id
  availability_zone = length(regexall("^[a-z]{2}-", element(var.azs, count.index))) > 0 ? element(var.azs, count.index) : null
  ipv6_cidr_block = (
    var.enable_ipv6 && length(var.database_subnet_ipv6_prefixes) > 0
    ? cidrsubnet(aws_vpc.this[0].ipv6_cidr_block, 8, var.database_subnet_ipv6_prefixes[count.index]) : null
  )
  cidr_block = try(local.native.database, false) ? null : element(concat(var.database_subnets, [""]), count.index)
}

resource "aws_network_acl" "database" {
  count  = local.has.database && var.database_dedicated_network_acl ? 1 : 0
  vpc_id = local.vpc_id
}

resource "aws_subnet" "redshift" {
  count             = local.has.redshift ? local.sizes.redshift : 0
  vpc_id            = local.vpc_id
  availability_zone = length(regexall("^[a-z]{2}-", element(var.azs, count.index))) > 0 ? element(var.azs, count.index) : null
  ipv6_cidr_block = (
    var.enable_ipv6 && length(var.redshift_subnet_ipv6_prefixes) > 0
    ? cidrsubnet(aws_vpc.this[0].ipv6_cidr_block, 8, var.redshift_subnet_ipv6_prefixes[count.index]) : null
  )
  cidr_block = try(local.native.redshift, false) ? null : element(concat(var.redshift_subnets, [""]), count.index)
}

resource "aws_network_acl" "redshift" {
  count  = local.has.redshift && var.redshift_dedicated_network_acl ? 1 : 0
  vpc_id = local.vpc_id
}

resource "aws_subnet" "elasticache" {
  count             = local.has.elasticache ? local.sizes.elasticache : 0
  vpc_id            = local.vpc_id
  availability_zone = length(regexall("^[a-z]{2}-", element(var.azs, count.index))) > 0 ? element(var.azs, count.index) : null
  ipv6_cidr_block = (
    var.enable_ipv6 && length(var.elasticache_subnet_ipv6_prefixes) > 0
    ? cidrsubnet(aws_vpc.this[0].ipv6_cidr_block, 8, var.elasticache_subnet_ipv6_prefixes[count.index]) : null
  )
  cidr_block = try(local.native.elasticache, false) ? null : element(concat(var.elasticache_subnets, [""]), count.index)
}

resource "aws_network_acl" "elasticache" {
  count  = local.has.elasticache && var.elasticache_dedicated_network_acl ? 1 : 0
  vpc_id = local.vpc_id
}

resource "aws_subnet" "intra" {
  count             = local.has.intra ? local.sizes.intra : 0
  vpc_id            = local.vpc_id
  availability_zone = length(regexall("^[a-z]{2}-", element(var.azs, count.index))) > 0 ? element(var.azs, count.index) : null
  ipv6_cidr_block = (
    var.enable_ipv6 && length(var.intra_subnet_ipv6_prefixes) > 0
    ? cidrsubnet(aws_vpc.this[0].ipv6_cidr_block, 8, var.intra_subnet_ipv6_prefixes[count.index]) : null
  )
  cidr_block = try(local.native.intra, false) ? null : element(concat(var.intra_subnets, [""]), count.index)
}

resource "aws_network_acl" "intra" {
  count  = local.has.intra && var.intra_dedicated_network_acl ? 1 : 0
  vpc_id = local.vpc_id
}

resource "aws_subnet" "outpost" {
  count             = local.has.outpost ? local.sizes.outpost : 0
  vpc_id            = local.vpc_id
  availability_zone = var.outpost_az
  ipv6_cidr_block = (
    var.enable_ipv6 && length(var.outpost_subnet_ipv6_prefixes) > 0
    ? cidrsubnet(aws_vpc.this[0].ipv6_cidr_block, 8, var.outpost_subnet_ipv6_prefixes[count.index]) : null
  )
  cidr_block = try(local.native.outpost, false) ? null : element(concat(var.outpost_subnets, [""]), count.index)
}

resource "aws_network_acl" "outpost" {
  count  = local.has.outpost && var.outpost_dedicated_network_acl ? 1 : 0
  vpc_id = local.vpc_id
}

resource "aws_db_subnet_group" "database" {
  count = local.has.database && var.create_database_subnet_group ? 1 : 0
  name  = lower(local.group_names.database)
}

resource "aws_redshift_subnet_group" "redshift" {
  count = local.has.redshift && var.create_redshift_subnet_group ? 1 : 0
  name  = lower(local.group_names.redshift)
}

resource "aws_elasticache_subnet_group" "elasticache" {
  count = local.has.elasticache && var.create_elasticache_subnet_group ? 1 : 0
  name  = local.group_names.elasticache
}
