module proxies

go 1.26
