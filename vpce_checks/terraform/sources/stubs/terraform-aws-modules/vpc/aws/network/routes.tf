# Route tables, which subnets use them, and where their routes lead.

resource "aws_route_table" "public" {
  count  = local.has.public ? local.tables.public : 0
  vpc_id = local.vpc_id
}

resource "aws_route_table_association" "public" {
  count          = local.has.public ? local.sizes.public : 0
  subnet_id      = element(aws_subnet.public[*].id, count.index)
  route_table_id = element(aws_route_table.public[*].id, local.tables.public > 1 ? count.index : 0)
}

resource "aws_route" "public_internet_gateway" {
  count                  = local.has.public && var.create_igw ? local.tables.public : 0
  route_table_id         = aws_route_table.public[count.index].id
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = aws_internet_gateway.this[0].id
}

resource "aws_route" "public_internet_gateway_ipv6" {
  count                       = local.has.public && var.create_igw && var.enable_ipv6 ? local.tables.public : 0
  route_table_id              = aws_route_table.public[count.index].id
  destination_ipv6_cidr_block = "::/0"
  gateway_id                  = aws_internet_gateway.this[0].id
}

resource "aws_route_table" "private" {
  count  = local.tables.private
  vpc_id = local.vpc_id
}

resource "aws_route_table_association" "private" {
  count          = local.has.private ? local.sizes.private : 0
  subnet_id      = element(aws_subnet.private[*].id, count.index)
  route_table_id = element(aws_route_table.private[*].id, var.single_nat_gateway ? 0 : count.index)
}

resource "aws_route_table_association" "outpost" {
  count          = local.has.outpost ? local.sizes.outpost : 0
  subnet_id      = element(aws_subnet.outpost[*].id, count.index)
  route_table_id = element(aws_route_table.private[*].id, var.single_nat_gateway ? 0 : count.index)
}

resource "aws_route" "private_nat_gateway" {
  count                  = local.private_nat_routes
  route_table_id         = element(aws_route_table.private[*].id, count.index)
  destination_cidr_block = local.nat_destination
  nat_gateway_id         = element(aws_nat_gateway.this[*].id, count.index)
}

resource "aws_route" "private_dns64_nat_gateway" {
  count                       = local.dns64 ? local.nat : 0
  route_table_id              = element(aws_route_table.private[*].id, count.index)
  destination_ipv6_cidr_block = "64:ff9b::/96"
  nat_gateway_id              = element(aws_nat_gateway.this[*].id, count.index)
}

resource "aws_route" "private_ipv6_egress" {
  count                       = local.on && var.create_egress_only_igw && var.enable_ipv6 ? local.private_egress_routes : 0
  route_table_id              = element(aws_route_table.private[*].id, count.index)
  destination_ipv6_cidr_block = "::/0"
  egress_only_gateway_id      = element(aws_egress_only_internet_gateway.this[*].id, 0)
}

locals {
  own_table = {
    database    = local.has.database && var.create_database_subnet_route_table
    redshift    = local.has.redshift && var.create_redshift_subnet_route_table
    elasticache = local.has.elasticache && var.create_elasticache_subnet_route_table
  }
  one_database_table = var.single_nat_gateway || var.create_database_internet_gateway_route
  database_by_nat = (
    local.own_table.database && !var.create_database_internet_gateway_route &&
    var.create_database_nat_gateway_route && var.enable_nat_gateway
  )
}

resource "aws_route_table" "database" {
  count  = local.own_table.database ? (local.one_database_table ? 1 : local.sizes.database) : 0
  vpc_id = local.vpc_id
}

resource "aws_route_table_association" "database" {
  count     = local.has.database ? local.sizes.database : 0
  subnet_id = element(aws_subnet.database[*].id, count.index)
  route_table_id = element(
    coalescelist(aws_route_table.database[*].id, aws_route_table.private[*].id),
    var.create_database_subnet_route_table && local.one_database_table ? 0 : count.index,
  )
}

resource "aws_route" "database_internet_gateway" {
  count = (
    local.own_table.database && var.create_igw &&
    var.create_database_internet_gateway_route && !var.create_database_nat_gateway_route ? 1 : 0
  )
  route_table_id         = aws_route_table.database[0].id
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = aws_internet_gateway.this[0].id
}

resource "aws_route" "database_nat_gateway" {
  count                  = local.database_by_nat ? (var.single_nat_gateway ? 1 : local.sizes.database) : 0
  route_table_id         = element(aws_route_table.database[*].id, count.index)
  destination_cidr_block = "0.0.0.0/0"
  nat_gateway_id         = element(aws_nat_gateway.this[*].id, count.index)
}

resource "aws_route" "database_dns64_nat_gateway" {
  count                       = local.database_by_nat && local.dns64 ? (var.single_nat_gateway ? 1 : local.sizes.database) : 0
  route_table_id              = element(aws_route_table.database[*].id, count.index)
  destination_ipv6_cidr_block = "64:ff9b::/96"
  nat_gateway_id              = element(aws_nat_gateway.this[*].id, count.index)
}

resource "aws_route" "database_ipv6_egress" {
  count = (
    local.own_table.database && var.create_egress_only_igw && var.enable_ipv6 &&
    var.create_database_internet_gateway_route ? 1 : 0
  )
  route_table_id              = aws_route_table.database[0].id
  destination_ipv6_cidr_block = "::/0"
  egress_only_gateway_id      = aws_egress_only_internet_gateway.this[0].id
}

resource "aws_route_table" "redshift" {
  count  = local.own_table.redshift ? 1 : 0
  vpc_id = local.vpc_id
}

resource "aws_route_table_association" "redshift" {
  count     = local.has.redshift && !var.enable_public_redshift ? local.sizes.redshift : 0
  subnet_id = element(aws_subnet.redshift[*].id, count.index)
  route_table_id = element(
    coalescelist(aws_route_table.redshift[*].id, aws_route_table.private[*].id),
    var.single_nat_gateway || var.create_redshift_subnet_route_table ? 0 : count.index,
  )
}

resource "aws_route_table_association" "redshift_public" {
  count     = local.has.redshift && var.enable_public_redshift ? local.sizes.redshift : 0
  subnet_id = element(aws_subnet.redshift[*].id, count.index)
  route_table_id = element(
    coalescelist(aws_route_table.redshift[*].id, aws_route_table.public[*].id),
    var.single_nat_gateway || var.create_redshift_subnet_route_table ? 0 : count.index,
  )
}

resource "aws_route_table" "elasticache" {
  count  = local.own_table.elasticache ? 1 : 0
  vpc_id = local.vpc_id
}

resource "aws_route_table_association" "elasticache" {
  count     = local.has.elasticache ? local.sizes.elasticache : 0
  subnet_id = element(aws_subnet.elasticache[*].id, count.index)
  route_table_id = element(
    coalescelist(aws_route_table.elasticache[*].id, aws_route_table.private[*].id),
    var.single_nat_gateway || var.create_elasticache_subnet_route_table ? 0 : count.index,
  )
}

resource "aws_route_table" "intra" {
  count  = local.has.intra ? local.tables.intra : 0
  vpc_id = local.vpc_id
}

resource "aws_route_table_association" "intra" {
  count          = local.has.intra ? local.sizes.intra : 0
  subnet_id      = element(aws_subnet.intra[*].id, count.index)
  route_table_id = element(aws_route_table.intra[*].id, local.tables.intra > 1 ? count.index : 0)
}
