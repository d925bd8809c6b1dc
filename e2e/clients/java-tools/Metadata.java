import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.sql.*;
import java.util.*;

/** pgjdbc: every method of DatabaseMetaData that asks the server, as DBeaver, DataGrip and Metabase use them. */
class Metadata {
    public static void main(String[] args) throws Exception {
        Map<String, String> env = System.getenv();
        String url = "jdbc:postgresql://" + env.get("PGHOST") + ":" + env.get("PGPORT") + "/" + env.get("PGDATABASE");
        Properties properties = new Properties();
        properties.setProperty("user", env.get("PGUSER"));
        properties.setProperty("password", env.getOrDefault("PGPASSWORD", ""));
        properties.setProperty("ApplicationName", "metadata tool");
        Map<String, String> failed = new TreeMap<>();
        int asked = 0;
        int columns;
        try (Connection connection = DriverManager.getConnection(url, properties)) {
            DatabaseMetaData meta = connection.getMetaData();
            for (Method method : DatabaseMetaData.class.getMethods()) {
                Object[] arguments = argumentsOf(method);
                if (arguments == null) continue;
                try {
                    Object answer = method.invoke(meta, arguments);
                    asked++;
                    if (answer instanceof ResultSet) {
                        ResultSet rows = (ResultSet) answer;
                        while (rows.next()) for (int i = 1; i <= rows.getMetaData().getColumnCount(); i++) rows.getObject(i);
                        rows.close();
                    }
                } catch (InvocationTargetException thrown) {
                    Throwable cause = thrown.getCause();
                    if (cause instanceof SQLFeatureNotSupportedException) continue;
                    String state = cause instanceof SQLException ? ((SQLException) cause).getSQLState() : cause.toString();
                    failed.put(method.getName(), state + " " + String.valueOf(cause.getMessage()).split("\n")[0]);
                }
            }
            columns = countColumns(connection);
            describe(connection);
        }
        System.out.println("{\"asked\":" + (asked > 100) + ",\"columns\":" + columns + ",\"failed\":" + json(failed) + "}");
    }

    /** What a data grid does with a result: which columns it may edit, which keys it has. */
    static void describe(Connection connection) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("select * from customers where id = ?")) {
            statement.setLong(1, 1);
            try (ResultSet rows = statement.executeQuery()) {
                ResultSetMetaData meta = rows.getMetaData();
                for (int i = 1; i <= meta.getColumnCount(); i++) {
                    meta.getTableName(i);
                    meta.getSchemaName(i);
                    meta.isAutoIncrement(i);
                    meta.isNullable(i);
                    meta.isWritable(i);
                }
                rows.next();
            }
            statement.getParameterMetaData().getParameterTypeName(1);
        }
        connection.setAutoCommit(false);
        connection.setReadOnly(true);
        connection.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
        connection.getTransactionIsolation();
        try (Statement statement = connection.createStatement()) {
            statement.setFetchSize(50);
            try (ResultSet rows = statement.executeQuery("select email from customers where id <= 120")) {
                while (rows.next()) rows.getString(1);
            }
        }
        connection.rollback();
        connection.setReadOnly(false);
        connection.setAutoCommit(true);
        connection.setSchema("public");
        connection.getSchema();
        connection.getCatalog();
        connection.isValid(5);
        connection.setClientInfo("ApplicationName", "renamed");
    }

    static int countColumns(Connection connection) throws SQLException {
        int count = 0;
        try (ResultSet rows = connection.getMetaData().getColumns(null, "public", "customers", "%")) {
            while (rows.next()) count++;
        }
        return count;
    }

    /** Null for a method that asks nothing of the server. */
    static Object[] argumentsOf(Method method) {
        String name = method.getName();
        if (!name.startsWith("get") || name.equals("getConnection")) return null;
        switch (name) {
            case "getTables": return new Object[] {null, "%", "%", null};
            case "getColumns": return new Object[] {null, "%", "%", "%"};
            case "getColumnPrivileges": return new Object[] {null, "public", "customers", "%"};
            case "getTablePrivileges": return new Object[] {null, "public", "%"};
            case "getPrimaryKeys": case "getImportedKeys": case "getExportedKeys": case "getVersionColumns":
                return new Object[] {null, "public", "customers"};
            case "getCrossReference": return new Object[] {null, "public", "customers", null, "public", "orders"};
            case "getIndexInfo": return new Object[] {null, "public", "customers", false, false};
            case "getBestRowIdentifier": return new Object[] {null, "public", "customers", DatabaseMetaData.bestRowSession, true};
            case "getProcedures": case "getFunctions": case "getSuperTypes": case "getSuperTables": case "getPseudoColumns":
                if (method.getParameterCount() == 3) return new Object[] {null, "%", "%"};
                return new Object[] {null, "%", "%", "%"};
            case "getProcedureColumns": case "getFunctionColumns": case "getAttributes":
                return new Object[] {null, "public", "%", "%"};
            case "getUDTs": return new Object[] {null, "%", "%", null};
            case "getSchemas": return method.getParameterCount() == 0 ? new Object[0] : new Object[] {null, "%"};
            default: return method.getParameterCount() == 0 ? new Object[0] : null;
        }
    }

    static String json(Map<String, String> map) {
        StringBuilder out = new StringBuilder("{");
        for (Map.Entry<String, String> entry : map.entrySet()) {
            if (out.length() > 1) out.append(',');
            out.append('"').append(entry.getKey()).append("\":\"").append(entry.getValue().replace("\\", "").replace("\"", "'")).append('"');
        }
        return out.append('}').toString();
    }
}
