module github.com/fingerpost/fingerpost

go 1.26
