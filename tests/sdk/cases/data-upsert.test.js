'use strict';

const assert = require('node:assert/strict');
const { test } = require('node:test');

const { expectRecent, expectRefusal, freshTable, unknownRecord, useServer } = require('../harness');

const server = useServer();

async function freshStore() {
  const client = await server.client();
  return client.Data.of(freshTable());
}

test('an upsert without an id creates a record', async () => {
  const people = await freshStore();

  const bob = await people.save({ name: 'Bob' }, true);

  assert.ok(bob.objectId);
  assert.equal(bob.name, 'Bob');
  assert.equal(bob.updated, null);
  assert.deepEqual(await people.find(), [bob]);
});

test('an upsert with the id of a record updates that record', async () => {
  const people = await freshStore();
  const bob = await people.save({ name: 'Bob', age: 10 });

  const older = await people.save({ objectId: bob.objectId, age: 11 }, true);

  expectRecent(older.updated);
  assert.deepEqual(older, { ...bob, age: 11, updated: older.updated });
  assert.equal(await people.getObjectCount(), 1);
});

test('an upsert with an id that nobody has creates the record with that id', async () => {
  const people = await freshStore();
  await expectRefusal(people.save({ objectId: 'non-existed', name: 'Bob' }), {
    code: [1000, 1009],
  });

  const bob = await people.save({ objectId: 'non-existed', name: 'Bob' }, true);

  assert.equal(bob.objectId, 'non-existed');
  assert.equal(bob.updated, null);
  assert.deepEqual(await people.findById('non-existed'), bob);
  assert.equal((await people.save({ objectId: 'non-existed', name: 'Rob' })).name, 'Rob');
});

test('an id with every letter that a path cannot hold finds its record', async () => {
  const people = await freshStore();
  const objectId = 'a b/c%25d"é';

  await people.save({ objectId, name: 'Bob' }, true);

  assert.equal((await people.findById(objectId)).name, 'Bob');
  await people.remove(objectId);
  await expectRefusal(people.findById(objectId), unknownRecord(objectId));
});

test('an upsert brings new columns with it', async () => {
  const people = await freshStore();
  const { objectId } = await people.save({ name: 'Bob' }, true);

  assert.equal((await people.save({ objectId, age: 10 }, true)).age, 10);
});

test('what an upsert creates belongs to the caller, what it updates keeps its owner', async () => {
  const table = freshTable();
  const { client, account } = await server.registerAndLogIn();
  const visitor = await server.client();
  await visitor.Users.loginAsGuest();

  const created = await client.Data.of(table).save({ objectId: 'mine', n: 1 }, true);
  const updated = await visitor.Data.of(table).save({ objectId: 'mine', n: 2 }, true);

  assert.equal(created.ownerId, account.objectId);
  assert.equal(updated.ownerId, account.objectId);
  assert.equal(updated.n, 2);
});

test('of many upserts of one id at once, all work out and one record is there', async () => {
  const people = await freshStore();
  await people.save({ n: 0 });

  const numbers = [1, 2, 3, 4, 5, 6];
  await Promise.all(numbers.map((n) => people.save({ objectId: 'one', n }, true)));

  assert.equal(await people.getObjectCount(), 2);
  assert.ok(numbers.includes((await people.findById('one')).n));
});
