namespace     = "operator-upgrade"
domain_name   = "sandbox.example.com"
zone_id       = "Z0123456789ABCDEFGHIJ"
subdomain     = "operator-upgrade"
wandb_version = "0.51.2"

other_wandb_env = {
  GORILLA_CUSTOMER_SECRET_STORE_SOURCE = "aws-secretmanager://operator-upgrade?namespace=operator-upgrade"
}
