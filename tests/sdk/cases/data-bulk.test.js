'use strict';

const assert = require('node:assert/strict');
const { test } = require('node:test');

const {
  expectEnvelope,
  expectRecent,
  expectRefusal,
  freshTable,
  unknownColumn,
  unknownTable,
  useServer,
} = require('../harness');

const BAD_CLAUSE = { code: [1017, 19000], status: 400 };

let client;

const server = useServer({}, async (started) => {
  client = await started.client();
  await started.createTable('Typed', { n: 'INT', due: 'DATETIME' });
});

const freshStore = () => client.Data.of(freshTable());
const count = (many) => Array.from({ length: many }, (_, n) => ({ n }));

test('a bulk creation answers the ids in the order of its objects', async () => {
  const rows = freshStore();

  const ids = await rows.bulkCreate([{ n: 1 }, {}, { n: 3, name: 'three' }, {}]);

  assert.equal(new Set(ids).size, 4);
  assert.equal((await rows.findById(ids[0])).n, 1);
  assert.equal((await rows.findById(ids[1])).n, null);
  const third = await rows.findById(ids[2]);
  assert.equal(third.name, 'three');
  expectRecent(third.created);
  assert.equal(third.updated, null);
  assert.equal(await rows.getObjectCount(), 4);
});

test('a hundred objects at once are fine, one more is not', async () => {
  const rows = freshStore();

  assert.equal((await rows.bulkCreate(count(100))).length, 100);
  const error = await expectRefusal(rows.bulkCreate(count(101)), { status: 400 });
  assert.match(error.message, /100/);
  await expectRefusal(rows.bulkUpsert(count(101)), { status: 400 });

  assert.equal(await rows.getObjectCount(), 100);
});

test('a bulk creation of nothing creates nothing', async () => {
  const table = freshTable();
  await server.createTable(table, {});

  assert.deepEqual(await client.Data.of(table).bulkCreate([]), []);

  assert.equal(await client.Data.of(table).getObjectCount(), 0);
});

test('an id of the caller is kept, and taken only once', async () => {
  const rows = freshStore();

  assert.deepEqual(await rows.bulkCreate([{ objectId: '1', n: 1 }, { objectId: '2' }]), ['1', '2']);
  await expectRefusal(rows.bulkCreate([{ n: 3 }, { objectId: '1', n: 4 }]), {
    code: [1101, 1155],
  });

  assert.equal((await rows.findById('1')).n, 1);
  assert.equal(await rows.getObjectCount(), 2);
});

test('one wrong object keeps all of them out', async () => {
  const typed = client.Data.of('Typed');
  const before = await typed.getObjectCount();

  await expectRefusal(typed.bulkCreate([{ n: 1 }, { n: 'one' }, { n: 2 }]), { code: 1007 });
  await expectRefusal(typed.bulkUpsert([{ n: 1 }, { due: 'never' }]), { code: 8003 });

  assert.equal(await typed.getObjectCount(), before);
});

test('the texts into which the SDK turns dates here are dates', async () => {
  const typed = client.Data.of('Typed');
  const due = new Date(Date.UTC(2026, 4, 5, 6, 7, 8, 9));

  const [created] = await typed.bulkCreate([{ n: 77, due }]);
  const [upserted] = await typed.bulkUpsert([{ n: 78, due }]);
  assert.equal((await typed.findById(created)).due, due.getTime());
  assert.equal((await typed.findById(upserted)).due, due.getTime());

  const later = new Date(due.getTime() + 1);
  assert.equal(await typed.bulkUpdate('n = 77', { due: later }), 1);
  assert.equal((await typed.findById(created)).due, later.getTime());
});

test('what is created in bulk belongs to the caller', async () => {
  const visitor = await server.client();
  const guest = await visitor.Users.loginAsGuest();
  const rows = visitor.Data.of(freshTable());

  await rows.bulkCreate([{ n: 1, ownerId: 'SOMEBODY' }]);
  await rows.bulkUpsert([{ n: 2 }]);

  for (const row of await rows.find()) {
    assert.equal(row.ownerId, guest.objectId);
  }
});

test('a bulk upsert updates what is there and creates the rest, ids in order', async () => {
  const rows = freshStore();
  const [existing] = await rows.bulkCreate([{ n: 1, name: 'stays' }]);

  const ids = await rows.bulkUpsert([{ n: 2 }, { objectId: existing, n: 3 }, { objectId: 'new' }]);

  assert.equal(ids.length, 3);
  assert.deepEqual(ids.slice(1), [existing, 'new']);
  const updated = await rows.findById(existing);
  assert.equal(updated.n, 3);
  assert.equal(updated.name, 'stays');
  expectRecent(updated.updated);
  assert.equal((await rows.findById('new')).updated, null);
  assert.equal(await rows.getObjectCount(), 3);
});

test('a bulk update counts and changes what it matches', async () => {
  const rows = freshStore();
  await rows.bulkCreate(count(20));
  await rows.save({ n: -1, note: 'small' });

  assert.equal(await rows.bulkUpdate('n >= 15', { note: 'big' }), 5);
  assert.equal(await rows.bulkUpdate('n > 1000', { note: 'huge' }), 0);

  const big = await rows.find({ where: "note = 'big'", sortBy: 'n' });
  assert.deepEqual(
    big.map((row) => row.n),
    [15, 16, 17, 18, 19],
  );
  big.forEach((row) => expectRecent(row.updated));
  assert.equal(await rows.bulkUpdate("note = 'big'", { note: null }), 5);
  assert.equal(await rows.getObjectCount('note is null'), 20);
});

test('a bulk update leaves system columns as they are', async () => {
  const rows = freshStore();
  const [id] = await rows.bulkCreate([{ n: 1 }]);
  const before = await rows.findById(id);

  for (const changes of [{ created: 1 }, { ownerId: 'SOMEBODY' }, { objectId: 'another' }]) {
    const answer = await server.call('PUT', `/data/bulk/${rows.className}?where=n%20%3D%201`, {
      json: { n: 1, ...changes },
    });
    if (answer.status !== 200) {
      expectEnvelope(answer, { code: [1036, 1136] });
    }
  }

  assert.deepEqual(await rows.findById(id), {
    ...before,
    updated: (await rows.findById(id)).updated,
  });
});

test('a bulk deletion counts what it matches, by clause, ids and objects', async () => {
  const rows = freshStore();
  const ids = await rows.bulkCreate(count(10));

  assert.equal(await rows.bulkDelete('n < 3'), 3);
  assert.equal(await rows.bulkDelete([ids[3], ids[4], 'NO-SUCH-ID']), 2);
  assert.equal(await rows.bulkDelete([{ objectId: ids[5] }]), 1);
  assert.equal(await rows.bulkDelete('n < 3'), 0);
  assert.equal(await rows.bulkDelete([]), 0);

  assert.equal(await rows.getObjectCount(), 4);
});

test('more rows than a page can be updated and deleted at once', async () => {
  const rows = freshStore();
  for (let page = 0; page < 3; page += 1) {
    await rows.bulkCreate(count(100));
  }

  assert.equal(await rows.bulkUpdate('n >= 0', { n: 7 }), 300);
  assert.equal(await rows.bulkDelete('n = 7'), 300);
});

test('without a clause nothing is updated and nothing deleted', async () => {
  const rows = freshStore();
  await rows.bulkCreate(count(3));
  const table = rows.className;

  for (const path of [`/data/bulk/${table}`, `/data/bulk/${table}?where=`]) {
    expectEnvelope(await server.call('PUT', path, { json: { n: 9 } }), { status: 400 });
  }
  for (const json of [{}, { where: '' }, { where: null }, { where: ' ' }]) {
    const path = `/data/bulk/${table}/delete`;
    expectEnvelope(await server.call('POST', path, { json }), { status: 400 });
  }

  assert.equal(await rows.getObjectCount('n < 3'), 3);
});

test('clauses that make no sense change nothing', async () => {
  const rows = freshStore();
  await rows.bulkCreate(count(3));

  for (const where of ['n =', 'n = 1; drop table x', 'n in (select 1)', 'n = 1 -- all']) {
    await expectRefusal(rows.bulkDelete(where), BAD_CLAUSE);
    await expectRefusal(rows.bulkUpdate(where, { n: 9 }), BAD_CLAUSE);
  }
  await expectRefusal(rows.bulkDelete(["it's"]), BAD_CLAUSE);
  await expectRefusal(rows.bulkDelete('nothing = 1'), unknownColumn('nothing', rows.className));

  assert.equal(await rows.getObjectCount('n < 3'), 3);
});

test('an unknown table is refused where nothing is created', async () => {
  const nowhere = client.Data.of('Nowhere');

  await expectRefusal(nowhere.bulkUpdate('n = 1', { n: 2 }), unknownTable('Nowhere'));
  await expectRefusal(nowhere.bulkDelete('n = 1'), unknownTable('Nowhere'));

  assert.equal(await server.table('Nowhere'), undefined);
});

for (const json of [{}, 'text', 7, null, [1], [null], ['a'], [[]], [{ n: 1 }, 7]]) {
  test(`${JSON.stringify(json)} is nothing to create in bulk`, async () => {
    for (const [method, path] of [
      ['POST', '/data/bulk/Untouched'],
      ['PUT', '/data/bulkupsert/Untouched'],
    ]) {
      expectEnvelope(await server.call(method, path, { json }), { status: 400 });
    }
    assert.equal(await server.table('Untouched'), undefined);
  });
}
