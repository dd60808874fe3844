'use strict';

const assert = require('node:assert/strict');
const { test } = require('node:test');

const { useServer } = require('../harness');

const KEYS = [
  ...['autoLoad', 'customRegex', 'defaultValue', 'identity', 'isPrimaryKey'],
  ...['name', 'relatedTable', 'required', 'type'],
];

const server = useServer();

async function columns() {
  const client = await server.client();
  const described = await client.Users.describeUserClass();
  assert.ok(Array.isArray(described));
  return described;
}

test('every column of Users is described with exactly nine keys', async () => {
  for (const column of await columns()) {
    assert.deepEqual(Object.keys(column).sort(), KEYS, column.name);
    assert.equal(typeof column.name, 'string');
    assert.equal(typeof column.type, 'string');
    for (const flag of ['autoLoad', 'identity', 'isPrimaryKey', 'required']) {
      assert.equal(typeof column[flag], 'boolean', `${column.name}.${flag}`);
    }
  }
});

test('the default columns of Users are there, once each', async () => {
  const names = (await columns()).map((column) => column.name);

  for (const name of [
    ...['objectId', 'ownerId', 'created', 'updated', 'email', 'password', 'name'],
    ...['blUserLocale', 'userStatus', 'lastLogin', 'socialAccount'],
  ]) {
    assert.ok(names.includes(name), `${name} is missing among ${names}`);
  }
  assert.equal(new Set(names).size, names.length);
});

test('the e-mail address is the identity, it and the password are required', async () => {
  const described = await columns();
  const named = (flag) => described.filter((column) => column[flag]).map((column) => column.name);

  assert.deepEqual(named('identity'), ['email']);
  assert.deepEqual(named('isPrimaryKey'), ['objectId']);
  assert.deepEqual(
    named('required')
      .filter((name) => ['email', 'password', 'name'].includes(name))
      .sort(),
    ['email', 'password'],
  );
});

test('the types are those of the contract', async () => {
  const types = Object.fromEntries((await columns()).map(({ name, type }) => [name, type]));

  assert.equal(types.objectId, 'STRING_ID');
  assert.equal(types.ownerId, 'STRING');
  assert.equal(types.email, 'STRING');
  assert.equal(types.created, 'DATETIME');
  assert.equal(types.updated, 'DATETIME');
  assert.equal(types.lastLogin, 'DATETIME');
});
