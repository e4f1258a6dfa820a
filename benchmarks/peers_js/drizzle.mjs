// drizzle-seed: `node drizzle.mjs ROWS`, on DATABASE_URL. ROWS of each of seven tables; it draws values by the columns'
// types and parents from what it made. Texts of a few words are asked for where it would write random letters.
import * as postgres from "drizzle-orm/pg-core";
import * as sqlite from "drizzle-orm/sqlite-core";
import { seed } from "drizzle-seed";

const url = process.env.DATABASE_URL;
const rows = Number(process.argv[2]);
const onSqlite = url.startsWith("sqlite:");

// A column of Django's tables on either database.
const { table, uuid, text, bool, time } = onSqlite
  ? {
      table: sqlite.sqliteTable,
      uuid: (name) => sqlite.text(name),
      text: (name) => sqlite.text(name),
      bool: (name) => sqlite.integer(name, { mode: "boolean" }),
      time: (name) => sqlite.text(name),
    }
  : {
      table: postgres.pgTable,
      uuid: (name) => postgres.uuid(name),
      text: (name) => postgres.text(name),
      bool: (name) => postgres.boolean(name),
      time: (name) => postgres.timestamp(name, { withTimezone: true }),
    };

const created = () => ({ createdAt: time("createdAt").notNull() });
const stamps = () => ({ ...created(), updatedAt: time("updatedAt").notNull() });
const to = (name, parent) => uuid(name).notNull().references(() => parent.id);

const user = table("User", {
  id: uuid("id").primaryKey(),
  password: text("password").notNull(),
  email: text("email").notNull().unique(),
  role: text("role").notNull(),
  firstName: text("firstName").notNull(),
  lastName: text("lastName").notNull(),
  emailVerified: bool("emailVerified").notNull(),
  isActive: bool("isActive").notNull(),
  ...stamps(),
});
const community = table("Community", {
  id: uuid("id").primaryKey(),
  name: text("name").notNull().unique(),
  slug: text("slug").notNull().unique(),
  description: text("description").notNull(),
  imageUrl: text("imageUrl").notNull(),
  ...stamps(),
});
const post = table("Post", {
  id: uuid("id").primaryKey(),
  userId: to("userId", user),
  communityId: to("communityId", community),
  title: text("title").notNull(),
  content: text("content").notNull(),
  ...stamps(),
});
const comment = table("Comment", {
  id: uuid("id").primaryKey(),
  postId: to("postId", post),
  userId: to("userId", user),
  content: text("content").notNull(),
  ...stamps(),
});
const heart = table("Heart", {
  id: uuid("id").primaryKey(),
  userId: uuid("userId").notNull(),
  postId: uuid("postId").notNull(),
  ...created(),
});
const conversation = table("Conversation", {
  id: uuid("id").primaryKey(),
  type: text("type").notNull(),
  isActive: bool("isActive").notNull(),
  ...stamps(),
});
const message = table("Message", {
  id: uuid("id").primaryKey(),
  conversationId: to("conversationId", conversation),
  senderId: to("senderId", user),
  content: text("content").notNull(),
  messageType: text("messageType").notNull(),
  isEdited: bool("isEdited").notNull(),
  isDeleted: bool("isDeleted").notNull(),
  ...stamps(),
});

async function connect() {
  if (onSqlite) {
    const { drizzle } = await import("drizzle-orm/libsql");
    const { createClient } = await import("@libsql/client");
    const client = createClient({ url: url.replace("sqlite:///", "file:") });
    return [drizzle(client), () => client.close()];
  }
  const { drizzle } = await import("drizzle-orm/node-postgres");
  const { default: pg } = await import("pg");
  const pool = new pg.Pool({ connectionString: url });
  return [drizzle(pool), () => pool.end()];
}

const [db, close] = await connect();
// On SQLite instants are texts, which it would fill with letters.
const dated = (f) => (onSqlite ? { createdAt: f.valuesFromArray({ values: ["2026-01-05 09:00:00"] }) } : {});
await seed(db, { user, community, post, comment, conversation, message }, { count: rows }).refine((f) => {
  const each = { id: f.uuid(), ...dated(f) };
  if (onSqlite) each.updatedAt = each.createdAt;
  const words = () => f.loremIpsum({ sentencesCount: 1 });
  const always = (value) => f.valuesFromArray({ values: [value] });
  const unique = () => f.string({ isUnique: true });
  const name = { firstName: f.firstName(), lastName: f.lastName() };
  return {
    user: { columns: { ...each, ...name, email: f.email(), role: always("client") } },
    community: { columns: { ...each, name: unique(), slug: unique(), description: words() } },
    post: { columns: { ...each, title: f.jobTitle(), content: f.loremIpsum({ sentencesCount: 3 }) } },
    comment: { columns: { ...each, content: words() } },
    conversation: { columns: { ...each, type: always("GROUP") } },
    message: { columns: { ...each, content: words(), messageType: always("TEXT") } },
  };
});
// Drawn at random, some pair of a user and a post would come twice, which the database refuses.
const ids = async (parent) => (await db.select({ id: parent.id }).from(parent)).map((row) => row.id);
const [users, posts] = [await ids(user), await ids(post)];
await seed(db, { heart }, { count: rows }).refine((f) => {
  const pair = { userId: users, postId: posts };
  for (const key in pair) pair[key] = f.valuesFromArray({ values: pair[key], isUnique: true });
  return { heart: { columns: { id: f.uuid(), ...dated(f), ...pair } } };
});
await close();
