'use strict';

const assert = require('node:assert/strict');
const { test } = require('node:test');

const {
  expectEnvelope,
  expectRecent,
  expectRefusal,
  freshTable,
  unknownRecord,
  useServer,
} = require('../harness');

const SYSTEM_KEYS = ['___class', 'created', 'objectId', 'ownerId', 'updated'];
const UUID = /^[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}$/;

const server = useServer({}, (started) =>
  started.createTable('Typed', {
    ...{ name: 'STRING', text: 'TEXT', count: 'INT', price: 'DOUBLE' },
    ...{ open: 'BOOLEAN', due: 'DATETIME', extra: 'JSON' },
  }),
);

async function freshStore() {
  const client = await server.client();
  return client.Data.of(freshTable());
}

test('the first record of a table brings the table and its columns with it', async () => {
  const people = await freshStore();

  const bob = await people.save({ name: 'Bob', age: 10, tall: false });

  assert.deepEqual(Object.keys(bob).sort(), [...SYSTEM_KEYS, 'age', 'name', 'tall'].sort());
  assert.match(bob.objectId, UUID);
  assert.equal(bob.___class, people.className);
  assert.equal(bob.ownerId, null);
  expectRecent(bob.created);
  assert.equal(bob.updated, null);
  assert.equal(bob.name, 'Bob');
  assert.equal(bob.age, 10);
  assert.equal(bob.tall, false);
  assert.deepEqual(await people.find(), [bob]);
});

test('an empty object is a record, too', async () => {
  const things = await freshStore();

  const thing = await things.save({});

  assert.deepEqual(Object.keys(thing).sort(), SYSTEM_KEYS);
  assert.deepEqual(await things.findById(thing.objectId), thing);
});

test('a column that comes later is null in the records before it', async () => {
  const people = await freshStore();
  const bob = await people.save({ name: 'Bob' });

  await people.save({ name: 'Jack', age: 20 });

  assert.deepEqual(await people.findById(bob.objectId), { ...bob, age: null });
});

test('several first records at once make one table', async () => {
  const people = await freshStore();

  const ages = [1, 2, 3, 4];
  const saved = await Promise.all(ages.map((age) => people.save({ age })));

  assert.equal(new Set(saved.map((person) => person.objectId)).size, 4);
  assert.equal(await people.getObjectCount(), 4);
});

test('a save with an id changes what it sends and answers the whole record', async () => {
  const people = await freshStore();
  const bob = await people.save({ name: 'Bob', age: 10 });

  const older = await people.save({ objectId: bob.objectId, age: 11 });

  expectRecent(older.updated);
  assert.deepEqual(older, { ...bob, age: 11, updated: older.updated });
  assert.deepEqual(await people.findById(bob.objectId), older);
});

test('null clears a property, undefined does not', async () => {
  const people = await freshStore();
  const { objectId } = await people.save({ name: 'Bob', age: 10 });

  const cleared = await people.save({ objectId, name: undefined, age: null });

  assert.equal(cleared.name, 'Bob');
  assert.equal(cleared.age, null);
});

test('a save with an id that nobody has is refused and stores nothing', async () => {
  const people = await freshStore();
  await people.save({ name: 'Bob' });

  const stranger = people.save({ objectId: 'NO-SUCH-ID', name: 'Jack', age: 1 });
  await expectRefusal(stranger, unknownRecord('NO-SUCH-ID'));

  assert.equal(await people.getObjectCount(), 1);
});

test('an update without any property is refused with 1001', async () => {
  const people = await freshStore();
  const { objectId } = await people.save({ name: 'Bob' });

  await expectRefusal(people.save({ objectId }), { code: 1001 });
});

test('a record can be sent back as it was given', async () => {
  const people = await freshStore();
  const bob = await people.save({ name: 'Bob' });

  const renamed = await people.save({ ...bob, name: 'Robert' });

  assert.deepEqual(renamed, { ...bob, name: 'Robert', updated: renamed.updated });
});

test('system properties of a client are ignored', async () => {
  const people = await freshStore();
  const forged = { created: 1, updated: 2, ownerId: 'SOMEBODY', ___class: 'Other' };

  const bob = await people.save({ ...forged, name: 'Bob' });
  expectRecent(bob.created);
  assert.equal(bob.updated, null);
  assert.equal(bob.ownerId, null);
  assert.equal(bob.___class, people.className);

  const renamed = await people.save({ ...forged, objectId: bob.objectId, name: 'Robert' });
  assert.deepEqual(renamed, { ...bob, name: 'Robert', updated: renamed.updated });
  expectRecent(renamed.updated);
});

test('REST creates with POST and updates with PUT', async () => {
  const table = freshTable();

  const created = await server.call('POST', `/data/${table}`, { json: { name: 'Bob' } });
  assert.equal(created.status, 200, created.text);
  const path = `/data/${table}/${created.body.objectId}`;
  const updated = await server.call('PUT', path, { json: { name: 'Robert' } });

  assert.equal(updated.status, 200, updated.text);
  assert.deepEqual(updated.body, {
    ...created.body,
    name: 'Robert',
    updated: updated.body.updated,
  });
  expectEnvelope(await server.call('PUT', path, { json: {} }), { code: 1001 });
  const nobody = `/data/${table}/NO-SUCH-ID`;
  expectEnvelope(
    await server.call('PUT', nobody, { json: { name: 'x' } }),
    unknownRecord('NO-SUCH-ID'),
  );
});

test('whole numbers widen to fractions when a fraction comes', async () => {
  const prices = await freshStore();
  const { objectId } = await prices.save({ price: 1 });

  assert.equal((await prices.save({ price: 1.5 })).price, 1.5);

  assert.equal((await prices.findById(objectId)).price, 1);
  assert.equal((await prices.save({ objectId, price: 2.25 })).price, 2.25);
});

for (const [column, values] of Object.entries({
  name: ['', ' ', 'x'.repeat(500), "it's", '%_\\', 'null'],
  text: ['', 'x'.repeat(5_000), 'two\nlines\tand a tab'],
  count: [0, -1, 2_147_483_647, 1_700_000_000_000],
  price: [0, -0.1, 1e-9, 1e300, 7],
  open: [true, false],
  extra: [{ a: [1, { b: null }], c: 'x' }, [1, 'two', [3]], {}, []],
})) {
  test(`values of the column ${column} come back as they were sent`, async () => {
    const client = await server.client();
    const store = client.Data.of('Typed');
    for (const value of values) {
      const saved = await store.save({ [column]: value });
      assert.deepEqual(saved[column], value);
      assert.deepEqual((await store.findById(saved.objectId))[column], value);
    }
  });
}

test('dates come as numbers, Date objects and texts, and go as milliseconds', async () => {
  const client = await server.client();
  const store = client.Data.of('Typed');
  const due = Date.UTC(2026, 1, 28, 12, 30, 15, 123);

  for (const sent of [due, new Date(due), '2026-02-28T12:30:15.123Z']) {
    const saved = await store.save({ due: sent });
    assert.equal(saved.due, due, String(sent));
    assert.equal((await store.findById(saved.objectId)).due, due, String(sent));
  }
  assert.equal((await store.save({ due: -1 })).due, -1);
  assert.equal((await store.save({ due: null })).due, null);
});

test('a date that brings its column with it is kept as its milliseconds', async () => {
  const events = await freshStore();
  const at = new Date(Date.UTC(2026, 0, 1));

  assert.equal((await events.save({ at })).at, at.getTime());
});

test('unicode in values is kept letter by letter', async () => {
  const people = await freshStore();

  for (const name of [
    'Åsa',
    'A\u030asa',
    '日本語',
    'שלום',
    '🦊👨‍👩‍👧',
    '\u2028\u2029',
    '\ufeff',
    'ß',
  ]) {
    const saved = await people.save({ name });
    assert.equal(saved.name, name);
    const [found] = await people.find({ where: `name = '${name}'` });
    assert.equal(found?.objectId, saved.objectId, JSON.stringify(name));
  }
});

for (const name of [
  'naïve',
  '名',
  '🦊',
  'a b',
  '1st',
  '_hidden',
  'a-b',
  'a.b',
  'x"y',
  "x'y",
  '`x`',
  '',
]) {
  test(`${JSON.stringify(name)} is no name of a column and stores nothing`, async () => {
    const table = freshTable();

    const raw = `{${JSON.stringify(name)}: 1, "fine": 2}`;
    expectEnvelope(await server.call('PUT', `/data/${table}`, { raw }), { status: 400 });

    assert.equal(await server.table(table), undefined);
  });
}

test('a record belongs to the user who saved it, guests included', async () => {
  const table = freshTable();
  const { client, account } = await server.registerAndLogIn();
  const visitor = await server.client();
  const guest = await visitor.Users.loginAsGuest();
  const stranger = await server.client();
  const runner = await server.client({ key: 'BL' });

  const mine = await client.Data.of(table).save({});
  assert.equal(mine.ownerId, account.objectId);
  assert.equal((await visitor.Data.of(table).save({})).ownerId, guest.objectId);
  assert.equal((await stranger.Data.of(table).save({})).ownerId, null);
  assert.equal((await runner.Data.of(table).save({})).ownerId, null);

  const changed = await visitor.Data.of(table).save({ objectId: mine.objectId, note: 'hello' });
  assert.equal(changed.ownerId, account.objectId, 'an update by another leaves the owner');
});
