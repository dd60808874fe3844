'use strict';

const assert = require('node:assert/strict');
const { test } = require('node:test');

const {
  expectEnvelope,
  expectRecent,
  expectRefusal,
  toMany,
  toOne,
  useServer,
} = require('../harness');

let client;
let kin;
let people;

const server = useServer({}, async (started) => {
  client = await started.client();
  await started.createTable('Kin', { name: 'STRING', age: 'INT' });
  await started.addColumns('Kin', { pets: toMany('Kin') });
  await started.createTable('Person', {
    ...{ name: 'STRING', age: 'INT', friend: toOne('Kin'), family: toMany('Kin') },
  });
  kin = client.Data.of('Kin');
  people = client.Data.of('Person');
});

let ids = 0;

/** A new row of Kin with an id of its own. */
async function relative(properties) {
  ids += 1;
  const [id] = await kin.bulkCreate([{ objectId: `k${ids}`, ...properties }]);
  return id;
}

const load = (person) => people.findById(person.objectId, { relationsDepth: 1 });

test('a new record is linked to a record that is there, and the answer has all of it', async () => {
  const objectId = await relative({ name: 'Ann', age: 30 });

  const bob = await people.deepSave({ name: 'Bob', friend: { objectId } });

  assert.equal(bob.___class, 'Person');
  assert.equal(bob.name, 'Bob');
  assert.equal(bob.age, null);
  expectRecent(bob.created);
  assert.equal(bob.friend.___class, 'Kin');
  assert.equal(bob.friend.name, 'Ann');
  assert.equal(bob.friend.age, 30);
  assert.ok(!('family' in bob), 'a relation that was not sent is not answered');
  assert.equal((await load(bob)).friend.objectId, objectId);
});

test('an update creates and links a new child, and what was not sent stays', async () => {
  const bob = await people.save({ name: 'Bob', age: 10 });

  const { objectId } = bob;
  const saved = await people.deepSave({ objectId, age: 11, friend: { name: 'Ann', age: 5 } });

  assert.equal(saved.name, 'Bob');
  assert.equal(saved.age, 11);
  expectRecent(saved.updated);
  assert.ok(saved.friend.objectId);
  assert.equal((await kin.findById(saved.friend.objectId)).name, 'Ann');
  assert.equal((await load(bob)).friend.objectId, saved.friend.objectId);
});

test('a friend of null is unlinked, stays, and the answer has no such key', async () => {
  const objectId = await relative({ name: 'Ann' });
  const bob = await people.deepSave({ name: 'Bob', friend: { objectId } });

  const alone = await people.deepSave({ objectId: bob.objectId, friend: null });

  assert.ok(!('friend' in alone));
  assert.equal((await load(bob)).friend, null);
  assert.equal((await kin.findById(objectId)).name, 'Ann');
});

test('a list updates those with an id, creates the others and answers the new ones first', async () => {
  const objectId = await relative({ name: 'Ann', age: 14 });

  const family = [
    { objectId, age: 15 },
    { name: 'Jim', age: 3 },
  ];
  const saved = await people.deepSave({ name: 'Bob', family });

  assert.deepEqual(
    saved.family.map(({ name, age }) => [name, age]),
    [
      ['Jim', 3],
      ['Ann', 15],
    ],
  );
  const ann = await kin.findById(objectId);
  assert.equal(ann.name, 'Ann');
  assert.equal(ann.age, 15);
  expectRecent(ann.updated);
  assert.equal((await load(saved)).family.length, 2);
});

test('a list replaces the list that was there', async () => {
  const [first, second] = [await relative({ name: 'Ann' }), await relative({ name: 'Jim' })];
  const { objectId } = await people.deepSave({
    name: 'Bob',
    family: [{ objectId: first }, { objectId: second }],
  });

  const saved = await people.deepSave({ objectId, family: [{ objectId: first }] });

  assert.equal(saved.family.length, 1);
  assert.equal(saved.family[0].name, 'Ann');
  assert.deepEqual(
    (await load(saved)).family.map((child) => child.objectId),
    [first],
  );
  assert.equal((await kin.findById(second)).name, 'Jim');
});

test('an empty list unlinks everything, and the answer has no such key', async () => {
  const id = await relative({ name: 'Ann' });
  const { objectId } = await people.deepSave({ family: [{ objectId: id }] });

  const saved = await people.deepSave({ objectId, family: [] });

  assert.ok(!('family' in saved));
  assert.deepEqual((await load(saved)).family, []);
});

test('relations that are not sent are left alone', async () => {
  const id = await relative({ name: 'Ann' });
  const { objectId } = await people.deepSave({
    friend: { objectId: id },
    family: [{ objectId: id }],
  });

  const saved = await people.deepSave({ objectId, name: 'Robert' });

  assert.ok(!('friend' in saved) && !('family' in saved));
  const loaded = await load(saved);
  assert.equal(loaded.friend.objectId, id);
  assert.equal(loaded.family.length, 1);
});

test('null is stored and answered, in the parent and in the children', async () => {
  const id = await relative({ name: 'Ann', age: 5 });

  const saved = await people.deepSave({
    name: 'Bob',
    age: null,
    friend: { objectId: id, age: null },
  });

  assert.equal(saved.age, null);
  assert.equal(saved.friend.age, null);
  assert.equal((await kin.findById(id)).age, null);
});

test('children of children are saved as well', async () => {
  const saved = await people.deepSave({
    name: 'Bob',
    family: [{ name: 'Ann', pets: [{ name: 'Rex' }, { name: 'Mia' }] }],
  });

  assert.deepEqual(saved.family[0].pets.map((pet) => pet.name).sort(), ['Mia', 'Rex']);
  const found = await people.findById(saved.objectId, { relationsDepth: 2 });
  assert.equal(found.family[0].pets.length, 2);
});

test('an object that stands in two places is one record', async () => {
  const before = await kin.getObjectCount();
  const ann = { name: 'Ann in two places' };

  const saved = await people.deepSave({ name: 'Bob', friend: ann, family: [ann] });

  assert.equal(await kin.getObjectCount(), before + 1);
  const loaded = await load(saved);
  assert.equal(loaded.friend.objectId, loaded.family[0].objectId);
  assert.equal(loaded.friend.name, 'Ann in two places');
});

test('what is saved belongs to the caller, at every depth', async () => {
  const { client: mine, account } = await server.registerAndLogIn();

  const saved = await mine.Data.of('Person').deepSave({ name: 'Bob', friend: { name: 'Ann' } });

  assert.equal(saved.ownerId, account.objectId);
  assert.equal(saved.friend.ownerId, account.objectId);
});

test('a deep save brings no table and no column with it', async () => {
  const before = await server.admin('GET', '/tables');

  await expectRefusal(people.deepSave({ name: 'Bob', shoeSize: 42 }), { code: [1006, 1126] });
  await expectRefusal(people.deepSave({ name: 'Bob', friend: { shoeSize: 42 } }), {
    code: [1006, 1126],
  });
  await expectRefusal(people.deepSave({ name: 'Bob', foe: { name: 'Eve' } }), {
    code: [1006, 1126, 1127],
  });
  await expectRefusal(client.Data.of('Nowhere').deepSave({ name: 'Bob' }), { code: [1009, 1125] });

  assert.deepEqual(await server.admin('GET', '/tables'), before);
});

for (const [what, properties, code] of [
  ['a child of the wrong type', { friend: { name: 'Ann', age: 'old' } }, 1007],
  ['a grandchild of the wrong type', { family: [{ pets: [{ age: 'old' }] }] }, 1007],
  ['a child that does not exist', { friend: { objectId: 'NO-SUCH-ID' } }, 1000],
  ['a child in a list that does not exist', { family: [{ name: 'x' }, { objectId: 'NO' }] }, 1000],
  ['two children of a single relation', { friend: [{ name: 'a' }, { name: 'b' }] }, undefined],
  ['a child that is a number', { friend: 7 }, undefined],
  ['a list that is a text', { family: 'everybody' }, undefined],
  ['a list with a number in it', { family: [7] }, undefined],
  ['a list with null in it', { family: [null] }, undefined],
]) {
  test(`${what} keeps everything out`, async () => {
    const before = [await people.getObjectCount(), await kin.getObjectCount()];

    const json = { name: 'Bob', ...properties };
    expectEnvelope(await server.call('PUT', '/data/Person/deep-save', { json }), {
      status: 400,
      code,
    });

    assert.deepEqual([await people.getObjectCount(), await kin.getObjectCount()], before);
  });
}

test('an id that nobody has is refused and links nothing', async () => {
  const before = await kin.getObjectCount();

  const lost = people.deepSave({ objectId: 'NO-SUCH-ID', friend: { name: 'Ann' } });
  await expectRefusal(lost, { code: 1000 });

  assert.equal(await kin.getObjectCount(), before);
});

test('nesting without end is refused', async () => {
  let child = { name: 'last' };
  for (let depth = 0; depth < 200; depth += 1) {
    child = { name: 'x', pets: [child] };
  }
  const before = await kin.getObjectCount();

  const json = { name: 'Bob', family: [child] };
  expectEnvelope(await server.call('PUT', '/data/Person/deep-save', { json }), { status: 400 });

  assert.equal(await kin.getObjectCount(), before);
});
