import jakarta.persistence.*;
import java.util.*;
import org.hibernate.*;
import org.hibernate.cfg.Configuration;

/** Hibernate: schema validation at the start, then entities in a transaction that is rolled back. Prints one JSON object. */
class Orm {
    @Entity(name = "Customer") @Table(name = "customers", schema = "public")
    public static class Customer {
        @Id @GeneratedValue(strategy = GenerationType.IDENTITY) Long id;
        @Column(columnDefinition = "text") String name;
        @Column(columnDefinition = "text") String email;
        @Column(columnDefinition = "text") String region;
        @Column(columnDefinition = "text") String note;
        @OneToMany(mappedBy = "customer") List<Order> orders;
    }

    @Entity(name = "Order") @Table(name = "orders", schema = "public")
    public static class Order {
        @Id Long id;
        @ManyToOne(fetch = FetchType.LAZY) @JoinColumn(name = "customer_id") Customer customer;
        @Column(columnDefinition = "text") String status;
    }

    public static void main(String[] args) {
        java.util.logging.LogManager.getLogManager().reset();
        Map<String, String> env = System.getenv();
        Configuration configuration = new Configuration()
            .addAnnotatedClass(Customer.class).addAnnotatedClass(Order.class)
            .setProperty("hibernate.connection.url", "jdbc:postgresql://" + env.get("PGHOST") + ":" + env.get("PGPORT") + "/" + env.get("PGDATABASE"))
            .setProperty("hibernate.connection.username", env.get("PGUSER"))
            .setProperty("hibernate.connection.password", env.getOrDefault("PGPASSWORD", ""))
            .setProperty("hibernate.hbm2ddl.auto", "validate");
        try (SessionFactory factory = configuration.buildSessionFactory(); Session session = factory.openSession()) {
            Customer found = session.createQuery("from Customer where email = :email", Customer.class)
                .setParameter("email", "noah.quinn1@example.net").getSingleResult();
            long orders = session.createQuery("select count(o) from Order o where o.customer = :c", Long.class).setParameter("c", found).getSingleResult();
            Transaction transaction = session.beginTransaction();
            Customer made = new Customer();
            made.name = "Ada"; made.email = "ada@example.net"; made.region = "north";
            session.persist(made);
            session.createMutationQuery("update Customer set note = 'seen' where id = 1").executeUpdate();
            int page = session.createQuery("from Customer order by id", Customer.class).setMaxResults(3).getResultList().size();
            transaction.rollback();
            System.out.println("{\"id\":" + found.id + ",\"shown\":\"" + found.email + "\",\"orders\":" + orders + ",\"page\":" + page + "}");
        }
    }
}
