module example.org/unicode-tables

go 1.24
