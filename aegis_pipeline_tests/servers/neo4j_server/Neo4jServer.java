import java.nio.file.Path;
import java.util.Map;
import org.neo4j.configuration.GraphDatabaseInternalSettings;
import org.neo4j.configuration.GraphDatabaseSettings;
import org.neo4j.configuration.connectors.BoltConnector;
import org.neo4j.configuration.helpers.SocketAddress;
import org.neo4j.dbms.api.DatabaseManagementService;
import org.neo4j.dbms.api.DatabaseManagementServiceBuilder;
import org.neo4j.graphdb.GraphDatabaseService;
import org.neo4j.graphdb.Result;
import org.neo4j.io.ByteUnit;

/**
 * A Neo4j server with Bolt and passwords: java -cp 'lib/*' Neo4jServer.java HOME PORT, with NEO4J_PASSWORD in the
 * environment for its first start. Says "ready" on standard output, and stops in order on SIGTERM.
 */
public class Neo4jServer {
    public static void main(String[] arguments) {
        try {
            DatabaseManagementService server = start(Path.of(arguments[0]), Integer.parseInt(arguments[1]));
            Runtime.getRuntime().addShutdownHook(new Thread(server::shutdown));
            setPasswordOnce(server.database("system"));
            System.out.println("ready");
        } catch (RuntimeException error) { // the server's threads would go on without it
            for (Throwable cause = error; cause != null; cause = cause.getCause()) {
                System.out.println(cause);
            }
            System.exit(1);
        }
    }

    private static DatabaseManagementService start(Path home, int port) {
        return new DatabaseManagementServiceBuilder(home)
            .setConfig(BoltConnector.enabled, true)
            .setConfig(BoltConnector.listen_address, new SocketAddress("127.0.0.1", port))
            .setConfig(GraphDatabaseSettings.auth_enabled, true)
            .setConfig(GraphDatabaseSettings.pagecache_memory, ByteUnit.mebiBytes(128))
            .setConfig(GraphDatabaseSettings.udc_enabled, false) // reports nothing to anybody
            .setConfig(GraphDatabaseInternalSettings.netty_server_shutdown_quiet_period, 0) // or it stops in 11 s, not 1
            .build();
    }

    /** A new home has the password that everybody knows, and must be given another before it can be used. */
    private static void setPasswordOnce(GraphDatabaseService system) {
        String unset = "SHOW USERS YIELD user, passwordChangeRequired AS unset WHERE user = 'neo4j' AND unset RETURN user";
        if (system.executeTransactionally(unset, Map.of(), Result::hasNext)) {
            system.executeTransactionally(
                "ALTER USER neo4j SET PASSWORD $password CHANGE NOT REQUIRED",
                Map.of("password", System.getenv("NEO4J_PASSWORD")));
        }
    }
}
