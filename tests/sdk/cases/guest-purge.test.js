'use strict';

/** What becomes of guests who left, as clients and the operator see it. */

const assert = require('node:assert/strict');
const { test } = require('node:test');

const {
  expectEnvelope,
  expectRecent,
  expectRefusal,
  freshEmail,
  toMany,
  toOne,
  unknownRecord,
  useServer,
  waitAtMost,
  PASSWORD,
} = require('../harness');

const wait = waitAtMost(2_300);

const server = useServer({}, async (started) => {
  await started.createTable('Order', { total: 'DOUBLE', buyer: toOne('Users') });
  await started.addColumns('Users', { orders: toMany('Order') });
});

async function newGuest() {
  const client = await server.client();
  const guest = await client.Users.loginAsGuest();
  return { client, guest, id: guest.objectId, token: guest['user-token'] };
}

/** A guest with an order: its own, related to it, and related from it. */
async function guestWithOrder() {
  const it = await newGuest();
  const order = await it.client.Data.of('Order').save({ total: 7.5 });
  await it.client.Data.of('Order').setRelation(order, 'buyer', [it.guest]);
  await it.client.Data.of('Users').setRelation(it.guest, 'orders', [order]);
  return { ...it, order };
}

/** What the plan says of these guests: `[goes, why]` of each, nothing of who is not listed. */
async function planned(...ids) {
  const { guests, next } = await server.admin('GET', '/guests/plan?pageSize=1000');
  assert.equal(next, null);
  return ids.map((id) => {
    const found = guests.find((guest) => guest.objectId === id);
    return found && [found.goes, found.why];
  });
}

async function exists(id) {
  const where = encodeURIComponent(`objectId='${id}'`);
  return (await server.admin('GET', `/tables/Users/rows?where=${where}`)).length === 1;
}

test('guests without a live session are planned for, purged, and nobody else is', async () => {
  await server.configure({ guests: { cleanup: false } });
  const before = (await server.admin('GET', '/guests')).sinceStart;
  const active = await newGuest();
  const idle = await guestWithOrder();
  const leaver = await newGuest();
  await leaver.client.Users.logout();
  const convert = await newGuest();
  const account = { objectId: convert.id, email: freshEmail(), password: PASSWORD };
  await convert.client.Users.register(account);
  await convert.client.Users.logout();

  // Switched off, nobody goes, and the plan says who would.
  const all = [active.id, idle.id, leaver.id, convert.id];
  assert.deepEqual(await planned(...all), [
    undefined,
    undefined,
    [false, 'cleanupIsOff'],
    undefined,
  ]);
  await server.configure({ guests: { cleanup: true, sweepSeconds: 3600 } });
  assert.deepEqual(await planned(leaver.id, idle.id), [[true, 'noSession'], undefined]);
  assert.equal(await exists(leaver.id), true, 'a plan touches nothing');

  await server.configure({
    guests: { cleanup: true, sweepSeconds: 1 },
    sessions: { inactivityTimeoutSeconds: 1 },
  });
  while ((await exists(leaver.id)) || (await exists(idle.id))) {
    await active.client.Users.getCurrentUser(true);
    await wait(50);
  }

  // The account and its links are gone, and so is its token; the rows that it owned stay.
  const client = await server.client();
  for (const { id, token } of [leaver, idle]) {
    await expectRefusal(client.Data.of('Users').findById(id), unknownRecord(id));
    assert.equal(await server.isAlive(token), false);
  }
  const order = await client.Data.of('Order').findById(idle.order.objectId, {
    relations: ['buyer'],
  });
  assert.deepEqual([order.total, order.ownerId, order.buyer], [7.5, idle.id, null]);
  await expectRefusal(idle.client.Users.getCurrentUser(true), { code: 3064 });
  const answer = await server.call('POST', '/users/register', {
    token: idle.token,
    json: { objectId: idle.id, email: freshEmail(), password: PASSWORD },
  });
  expectEnvelope(answer, { code: 3039, status: 400 });

  // Who is there stays, and so does who registered, with or without a session.
  assert.equal((await active.client.Users.getCurrentUser(true)).objectId, active.id);
  assert.equal((await client.Users.login(account.email, PASSWORD)).objectId, convert.id);

  const { sinceStart } = await server.admin('GET', '/guests');
  assert.deepEqual(
    [sinceStart.made, sinceStart.converted, sinceStart.purged].map(
      (number, n) => number - [before.made, before.converted, before.purged][n],
    ),
    [4, 1, 2],
  );
});

test('a guest who owns rows is kept where the operator says so, and the plan says why', async () => {
  await server.configure({ guests: { ownedRows: 'keep-guest', sweepSeconds: 3600 } });
  const owner = await guestWithOrder();
  const other = await newGuest();
  await owner.client.Users.logout();
  await other.client.Users.logout();

  assert.deepEqual(await planned(owner.id, other.id), [
    [false, 'ownedRows'],
    [true, 'noSession'],
  ]);
});

test('the plan comes in pages and says what it was made with', async () => {
  await server.configure({ guests: { cleanup: true, sweepSeconds: 3600, ownedRows: 'cascade' } });
  const ids = [];
  for (let number = 0; number < 3; number += 1) {
    const { client, id } = await newGuest();
    await client.Users.logout();
    ids.push(id);
  }

  const seen = [];
  let after = '';
  do {
    const page = await server.admin('GET', `/guests/plan?pageSize=2${after}`);
    assert.deepEqual(
      [page.cleanup, page.sweepSeconds, page.ownedRows, page.handlers],
      [true, 3600, 'cascade', 0],
    );
    assert.ok(page.guests.length <= 2);
    page.guests.forEach((guest) => expectRecent(guest.created));
    seen.push(...page.guests.map((guest) => guest.objectId));
    after = page.next === null ? null : `&after=${encodeURIComponent(page.next)}`;
  } while (after !== null);

  assert.equal(new Set(seen).size, seen.length, 'nobody is listed twice');
  ids.forEach((id) => assert.ok(seen.includes(id), `${id} is missing`));
});

test('guests in numbers and their plan are for the operator, who is told what is wrong', async () => {
  for (const path of ['/guests', '/guests/plan']) {
    assert.equal((await server.send('GET', `/admin/api${path}`)).status, 401);
  }
  for (const query of ['pageSize=0', 'pageSize=many', 'after=nowhere', 'page=1']) {
    const answer = await server.askAdmin('GET', `/guests/plan?${query}`);
    expectEnvelope(answer, { code: 8008, status: 400 });
  }
  const { now, sinceStart } = await server.admin('GET', '/guests');
  assert.deepEqual(Object.keys(now), ['all', 'active', 'expired', 'kept', 'countedAt']);
  assert.deepEqual(Object.keys(sinceStart), ['made', 'converted', 'purged', 'kept']);
});
