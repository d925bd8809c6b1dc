# ActiveRecord: schema dump, and models in a transaction that is rolled back. Prints one JSON object.
require "active_record"
require "json"
require "stringio"

ActiveRecord::Base.establish_connection(
  adapter: "postgresql", host: ENV["PGHOST"], port: ENV["PGPORT"].to_i, username: ENV["PGUSER"],
  password: ENV["PGPASSWORD"], database: ENV["PGDATABASE"]
)
connection = ActiveRecord::Base.connection
tables = connection.tables.sort
tables.each do |table|
  connection.columns(table)
  connection.indexes(table)
  connection.foreign_keys(table)
  connection.primary_keys(table)
  connection.table_comment(table)
  connection.check_constraints(table)
end
connection.views
connection.schema_names
connection.extensions
connection.current_schema
connection.encoding
connection.collation
connection.default_sequence_name("customers", "id")
dump = StringIO.new
ActiveRecord::SchemaDumper.dump(connection, dump)

class Customer < ActiveRecord::Base
  has_many :orders
end

class Order < ActiveRecord::Base
  belongs_to :customer
end

found = Customer.find_by(email: "noah.quinn1@example.net")
orders = found.orders.includes(:customer).count
notes = nil
Customer.transaction do
  Customer.create!(name: "Ada", email: "ada@example.net", region: "north")
  found.update!(note: "seen")
  notes = Customer.where(note: "seen").count
  raise ActiveRecord::Rollback
end
batch = Customer.where("id <= 30").find_each(batch_size: 10).count
puts JSON.generate(tables: tables.length.positive?, dumped: dump.string.include?("customers"), id: found.id, shown: found.email, orders: orders, notes: notes, batch: batch)
