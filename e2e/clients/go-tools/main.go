// GORM: its migrator's introspection, and models in a transaction that is rolled back. Then lib/pq. Prints one JSON object.
package main

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	_ "github.com/lib/pq"
	"gorm.io/driver/postgres"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"
)

type Customer struct {
	ID     int64
	Name   string
	Email  string
	Region string
	Note   *string
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func main() {
	db, err := gorm.Open(postgres.Open(""), &gorm.Config{Logger: logger.Default.LogMode(logger.Silent)})
	must(err)
	migrator := db.Migrator()
	tables, err := migrator.GetTables()
	must(err)
	types, err := migrator.ColumnTypes("customers")
	must(err)
	hasTable := migrator.HasTable("customers")
	hasColumn := migrator.HasColumn(&Customer{}, "email")
	var found Customer
	must(db.Where("email = ?", "noah.quinn1@example.net").First(&found).Error)
	var notes int64
	undo := errors.New("undo")
	err = db.Transaction(func(tx *gorm.DB) error {
		must(tx.Create(&Customer{Name: "Ada", Email: "ada@example.net", Region: "north"}).Error)
		must(tx.Model(&Customer{}).Where("id = ?", 1).Update("note", "seen").Error)
		must(tx.Model(&Customer{}).Where("note = ?", "seen").Count(&notes).Error)
		return undo
	})
	if !errors.Is(err, undo) {
		must(err)
	}

	pq, err := sql.Open("postgres", "sslmode=disable")
	must(err)
	var shown string
	must(pq.QueryRow("select email from customers where id = $1", 1).Scan(&shown))
	must(pq.Close())
	must(json.NewEncoder(os.Stdout).Encode(map[string]any{
		"tables": len(tables) > 0, "columns": len(types), "hasTable": hasTable, "hasColumn": hasColumn,
		"id": found.ID, "shown": found.Email, "notes": notes, "pq": shown,
	}))
}
