module example.org/template-oracle

go 1.26.0
