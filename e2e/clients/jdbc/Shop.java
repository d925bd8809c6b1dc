// JDBC with the PostgreSQL driver, statements prepared on the server, binary transfer: see ../README.md.

import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.Map;

public class Shop {
  private final Connection connection;
  private final Map<String, Object> output = new LinkedHashMap<>();

  Shop(Connection connection) {
    this.connection = connection;
  }

  public static void main(String[] args) throws Exception {
    String address = System.getenv("PGHOST") + ":" + System.getenv("PGPORT") + "/" + System.getenv("PGDATABASE");
    String options = "?prepareThreshold=1&binaryTransfer=true&sslmode=disable&user=" + System.getenv("PGUSER");
    try (Connection connection = DriverManager.getConnection("jdbc:postgresql://" + address + options)) {
      Shop shop = new Shop(connection);
      shop.simple();
      shop.prepared();
      shop.binary();
      shop.transaction();
      shop.cursor();
      shop.failure();
      shop.cancel();
      System.out.println(json(shop.output));
    }
  }

  private void simple() throws SQLException {
    Map<String, Object> found = new LinkedHashMap<>();
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("select name, email, ssn, card, salary from customers where id = 1")) {
      row.next();
      for (String column : new String[] {"name", "email", "ssn", "card", "salary"}) found.put(column, row.getString(column));
    }
    output.put("simple", found);
  }

  private void prepared() throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement("select email from customers where id = ?")) {
      for (int id = 1; id <= 6; id++) {
        statement.setLong(1, id);
        try (ResultSet row = statement.executeQuery()) {
          row.next();
          output.put("prepared", row.getString(1));
        }
      }
    }
    try (PreparedStatement statement = connection.prepareStatement("select id from customers where email = ?")) {
      statement.setString(1, "noah.quinn1@example.net");
      output.put("equality", number(statement));
    }
  }

  private void binary() throws SQLException {
    Map<String, Object> found = new LinkedHashMap<>();
    String sql = "select id, total, placed_at from orders where id = ?";
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      // The driver asks for binary results from the second execution on.
      for (int round = 0; round < 3; round++) {
        statement.setLong(1, 1);
        try (ResultSet row = statement.executeQuery()) {
          row.next();
          found.put("id", row.getLong(1));
          BigDecimal total = row.getBigDecimal(2);
          found.put("total", total.setScale(2).toPlainString());
          OffsetDateTime placedAt = row.getObject(3, OffsetDateTime.class).withOffsetSameInstant(ZoneOffset.UTC);
          found.put("placed_at", placedAt.format(DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss")));
        }
      }
    }
    output.put("binary", found);
  }

  private void transaction() throws SQLException {
    connection.setAutoCommit(false);
    try (PreparedStatement update = connection.prepareStatement("update customers set note = ? where id = ?")) {
      update.setString(1, "from java");
      update.setLong(2, 5);
      update.executeUpdate();
    }
    Map<String, Object> found = new LinkedHashMap<>();
    found.put("inside", note());
    connection.rollback();
    found.put("isGone", !"from java".equals(note()));
    connection.commit();
    connection.setAutoCommit(true);
    output.put("transaction", found);
  }

  private String note() throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("select note from customers where id = 5")) {
      row.next();
      return row.getString(1);
    }
  }

  // With a fetch size and a transaction the driver reads a portal in portions.
  private void cursor() throws SQLException {
    connection.setAutoCommit(false);
    long rows = 0;
    String sql = "select id, email, phone from customers where id <= ? order by id";
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setFetchSize(700);
      statement.setLong(1, 5000);
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) rows++;
      }
    }
    connection.commit();
    connection.setAutoCommit(true);
    output.put("cursor", rows);
  }

  private void failure() throws SQLException {
    output.put("error", sqlstate("select * from payments"));
    try (PreparedStatement statement = connection.prepareStatement("select 41 + 1")) {
      output.put("afterError", number(statement));
    }
  }

  private void cancel() throws Exception {
    try (Statement statement = connection.createStatement()) {
      Thread canceller =
          new Thread(
              () -> {
                try {
                  Thread.sleep(300);
                  statement.cancel();
                } catch (Exception ignored) {
                  // The statement then runs to its end and the comparison fails.
                }
              });
      canceller.start();
      try {
        statement.executeQuery("select pg_sleep(30)");
        output.put("cancel", "00000");
      } catch (SQLException error) {
        output.put("cancel", error.getSQLState());
      }
      canceller.join();
    }
  }

  private String sqlstate(String sql) {
    try (Statement statement = connection.createStatement()) {
      statement.executeQuery(sql);
      return "00000";
    } catch (SQLException error) {
      return error.getSQLState();
    }
  }

  private static long number(PreparedStatement statement) throws SQLException {
    try (ResultSet row = statement.executeQuery()) {
      row.next();
      return row.getLong(1);
    }
  }

  private static String json(Object value) {
    if (value == null || value instanceof Number || value instanceof Boolean) return String.valueOf(value);
    if (!(value instanceof Map<?, ?> map)) {
      return "\"" + value.toString().replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
    }
    StringBuilder text = new StringBuilder("{");
    map.forEach((key, item) -> text.append(text.length() == 1 ? "" : ",").append(json(key)).append(":").append(json(item)));
    return text.append("}").toString();
  }
}
