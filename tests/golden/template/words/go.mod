module example.org/words-tables

go 1.24
