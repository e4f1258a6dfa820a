// @snaplet/seed: `node snaplet.mjs ROWS`, on DATABASE_URL, after `npx @snaplet/seed sync` has read the tables.
// ROWS of each of six tables; it leaves a heart without its post, which the database refuses, so there are no hearts.
import { createSeedClient } from "@snaplet/seed";

const rows = Number(process.argv[2]);
const seed = await createSeedClient();
const { User } = await seed.User((make) => make(rows, { role: "client" }));
const { Community } = await seed.Community((make) => make(rows));
const { Post } = await seed.Post((make) => make(rows), { connect: { User, Community } });
await seed.Comment((make) => make(rows, { parentId: null }), { connect: { User, Post } });
const { Conversation } = await seed.Conversation((make) => make(rows, { type: "GROUP" }));
const told = { messageType: "TEXT", replyToId: null };
await seed.Message((make) => make(rows, told), { connect: { User, Conversation } });
process.exit(0); // its connection would keep the process alive
