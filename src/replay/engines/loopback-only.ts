/*
 * DynamoDB Local listens on every interface and has no option for that. This class starts it as its own main class does,
 * but on the loopback interface. A Java runtime has no compiler, so it is kept compiled: `javac --release 11 -g:none
 * LoopbackOnly.java` makes these bytes of it (test/unit/replay/loopback-only.test.ts does, where there is a compiler).
 */

export const LOOPBACK_ONLY_SOURCE = `import java.lang.reflect.Field;

/** Starts DynamoDB Local as its own main class does, but on the loopback interface. */
public class LoopbackOnly {
  public static void main(String[] args) throws Exception {
    Object proxy = runner().getMethod("createServerFromCommandLineArgs", String[].class).invoke(null, (Object) args);
    Field field = proxy.getClass().getDeclaredField("server");
    field.setAccessible(true);
    Object server = field.get(proxy);
    for (Object connector : (Object[]) server.getClass().getMethod("getConnectors").invoke(server)) {
      connector.getClass().getMethod("setHost", String.class).invoke(connector, "127.0.0.1");
    }
    proxy.getClass().getMethod("safeStart").invoke(proxy);
    proxy.getClass().getMethod("join").invoke(proxy);
  }

  private static Class<?> runner() throws ClassNotFoundException {
    try {
      return Class.forName("software.amazon.dynamodb.services.local.main.ServerRunner"); // 3.x
    } catch (ClassNotFoundException e) {
      return Class.forName("com.amazonaws.services.dynamodbv2.local.main.ServerRunner"); // 2.x
    }
  }
}
`;

/** The class file, base64. */
export const LOOPBACK_ONLY_CLASS = [
  'yv66vgAAADcAUQoAAgADBwAEDAAFAAYBABBqYXZhL2xhbmcvT2JqZWN0AQAGPGluaXQ+AQADKClWCgAIAAkHAAoMAAsADAEADExvb3BiYWNrT25seQEABnJ1',
  'bm5lcgEAEygpTGphdmEvbGFuZy9DbGFzczsIAA4BAB9jcmVhdGVTZXJ2ZXJGcm9tQ29tbWFuZExpbmVBcmdzBwAQAQAPamF2YS9sYW5nL0NsYXNzBwASAQAT',
  'W0xqYXZhL2xhbmcvU3RyaW5nOwoADwAUDAAVABYBAAlnZXRNZXRob2QBAEAoTGphdmEvbGFuZy9TdHJpbmc7W0xqYXZhL2xhbmcvQ2xhc3M7KUxqYXZhL2xh',
  'bmcvcmVmbGVjdC9NZXRob2Q7CgAYABkHABoMABsAHAEAGGphdmEvbGFuZy9yZWZsZWN0L01ldGhvZAEABmludm9rZQEAOShMamF2YS9sYW5nL09iamVjdDtb',
  'TGphdmEvbGFuZy9PYmplY3Q7KUxqYXZhL2xhbmcvT2JqZWN0OwoAAgAeDAAfAAwBAAhnZXRDbGFzcwgAIQEABnNlcnZlcgoADwAjDAAkACUBABBnZXREZWNs',
  'YXJlZEZpZWxkAQAtKExqYXZhL2xhbmcvU3RyaW5nOylMamF2YS9sYW5nL3JlZmxlY3QvRmllbGQ7CgAnACgHACkMACoAKwEAF2phdmEvbGFuZy9yZWZsZWN0',
  'L0ZpZWxkAQANc2V0QWNjZXNzaWJsZQEABChaKVYKACcALQwALgAvAQADZ2V0AQAmKExqYXZhL2xhbmcvT2JqZWN0OylMamF2YS9sYW5nL09iamVjdDsIADEB',
  'AA1nZXRDb25uZWN0b3JzBwAzAQATW0xqYXZhL2xhbmcvT2JqZWN0OwgANQEAB3NldEhvc3QHADcBABBqYXZhL2xhbmcvU3RyaW5nCAA5AQAJMTI3LjAuMC4x',
  'CAA7AQAJc2FmZVN0YXJ0CAA9AQAEam9pbggAPwEAOXNvZnR3YXJlLmFtYXpvbi5keW5hbW9kYi5zZXJ2aWNlcy5sb2NhbC5tYWluLlNlcnZlclJ1bm5lcgoA',
  'DwBBDABCAEMBAAdmb3JOYW1lAQAlKExqYXZhL2xhbmcvU3RyaW5nOylMamF2YS9sYW5nL0NsYXNzOwcARQEAIGphdmEvbGFuZy9DbGFzc05vdEZvdW5kRXhj',
  'ZXB0aW9uCABHAQA5Y29tLmFtYXpvbmF3cy5zZXJ2aWNlcy5keW5hbW9kYnYyLmxvY2FsLm1haW4uU2VydmVyUnVubmVyAQAEQ29kZQEABG1haW4BABYoW0xq',
  'YXZhL2xhbmcvU3RyaW5nOylWAQANU3RhY2tNYXBUYWJsZQEACkV4Y2VwdGlvbnMHAE4BABNqYXZhL2xhbmcvRXhjZXB0aW9uAQAJU2lnbmF0dXJlAQAWKClM',
  'amF2YS9sYW5nL0NsYXNzPCo+OwAhAAgAAgAAAAAAAwABAAUABgABAEgAAAARAAEAAQAAAAUqtwABsQAAAAAACQBJAEoAAgBIAAAA5wAGAAgAAAC4uAAHEg0E',
  'vQAPWQMSEVO2ABMBBL0AAlkDKlO2ABdMK7YAHRIgtgAiTSwEtgAmLCu2ACxOLbYAHRIwA70AD7YAEy0DvQACtgAXwAAyOgQZBL42BQM2BhUGFQWiADIZBBUG',
  'MjoHGQe2AB0SNAS9AA9ZAxI2U7YAExkHBL0AAlkDEjhTtgAXV4QGAaf/zSu2AB0SOgO9AA+2ABMrA70AArYAF1crtgAdEjwDvQAPtgATKwO9AAK2ABdXsQAA',
  'AAEASwAAAB0AAv8AVQAHBwARBwACBwAnBwACBwAyAQEAAPgANQBMAAAABAABAE0ACgALAAwAAwBIAAAALQABAAEAAAANEj64AECwSxJGuABAsAABAAAABQAG',
  'AEQAAQBLAAAABgABRgcARABMAAAABAABAEQATwAAAAIAUAAA',
].join('');
