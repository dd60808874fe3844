'use strict';

const assert = require('node:assert/strict');
const { describe, test } = require('node:test');

const { expectEnvelope, freshTable, unknownRecord, useServer } = require('../harness');

const ROLE = 'Layered';

// Each case makes one record of a user who has a custom role, so that all nine layers could speak.
let member;

const server = useServer({}, async (started) => {
  await started.admin('POST', '/roles', { name: ROLE });
  member = await started.registerAndLogIn();
  await started.admin('POST', `/users/${member.user.objectId}/roles`, { role: ROLE });
});

const byOperator = (grantee) => (said, resource) =>
  server.admin('PUT', '/permissions', { ...grantee(), ...said, resource });
const everywhere = (grantee) => (said) => byOperator(grantee)(said, 'data');
const onTable = (grantee) => (said, { table }) => byOperator(grantee)(said, `data:${table}`);
const onRecord = (grantee) => async ({ access, operation }, { table, id }) => {
  const json = { ...grantee(), permission: operation };
  const path = `/data/${table}/permissions/${access}/${id}`;
  const answer = await server.call('PUT', path, { key: 'BL', json });
  assert.equal(answer.status, 200, answer.text);
};

const user = () => ({ user: member.user.objectId });
const customRole = () => ({ role: ROLE });
const systemRole = () => ({ role: 'AuthenticatedUser' });

/** Whoever speaks for a record, the first to be heard first. */
const LAYERS = [
  ['the record for the user', onRecord(user)],
  ['the record for a custom role', onRecord(customRole)],
  ['the table for the user', onTable(user)],
  ['the table for a custom role', onTable(customRole)],
  ['the table for the owner', onTable(() => ({ owner: true }))],
  ['the record for a system role', onRecord(systemRole)],
  ['the table for a system role', onTable(systemRole)],
  ['every table for a custom role', everywhere(customRole)],
  ['every table for a system role', everywhere(systemRole)],
];

async function ownRecord() {
  const table = freshTable();
  await server.createTable(table, { n: 'INT' });
  const { token } = member;
  const made = await server.call('POST', `/data/${table}`, { token, json: { n: 1 } });
  assert.equal(made.body.ownerId, member.user.objectId, made.text);
  return { table, id: made.body.objectId };
}

/** Tries an operation on the record, and says whether it passed; it passes or fails as a whole. */
const attempts = {
  async FIND({ table, id }) {
    const as = (method, path, json) => server.call(method, path, { token: member.token, json });
    const one = await as('GET', `/data/${table}/${id}`);
    const list = await as('GET', `/data/${table}`);
    const count = await as('POST', `/data/${table}/count`, {});
    if (one.status === 200) {
      assert.deepEqual([list.body.map((row) => row.objectId), count.body], [[id], 1]);
      return true;
    }
    expectEnvelope(one, unknownRecord(id));
    // What no record of the table can pass is refused; a single one is left out.
    if (list.status === 200) {
      assert.deepEqual([list.body, count.body], [[], 0]);
    } else {
      expectEnvelope(list, { code: 1013, status: 403 });
      expectEnvelope(count, { code: 1013, status: 403 });
    }
    return false;
  },

  async UPDATE({ table, id }) {
    const path = `/data/${table}/${id}`;
    const answer = await server.call('PUT', path, { token: member.token, json: { n: 2 } });
    const stored = await server.call('GET', path, { key: 'BL' });
    if (answer.status !== 200) {
      expectEnvelope(answer, { code: 1012, status: 403 });
    }
    assert.equal(stored.body.n, answer.status === 200 ? 2 : 1);
    return answer.status === 200;
  },

  async REMOVE({ table, id }) {
    const path = `/data/${table}/${id}`;
    const answer = await server.call('DELETE', path, { token: member.token });
    const stored = await server.call('GET', path, { key: 'BL' });
    if (answer.status === 200) {
      expectEnvelope(stored, unknownRecord(id));
    } else {
      expectEnvelope(answer, { code: 1014, status: 403 });
      assert.equal(stored.status, 200, stored.text);
    }
    return answer.status === 200;
  },
};

/** Takes back what was said for every table, which the next case would hear. */
async function forget(operations) {
  for (const operation of operations) {
    await everywhere(customRole)({ operation, access: 'INHERIT' });
    await everywhere(systemRole)({ operation, access: 'INHERIT' });
  }
}

for (const operations of [['FIND'], ['UPDATE', 'REMOVE']]) {
  describe(`of the layers of ${operations.join(' and ')}`, () => {
    for (const [index, [second, sayLater]] of LAYERS.slice(1).entries()) {
      const [first, sayFirst] = LAYERS[index];
      for (const [access, other] of [['GRANT', 'DENY'], ['DENY', 'GRANT']]) {
        test(`${access} on ${first} comes before ${other} on ${second}`, async () => {
          const record = await ownRecord();
          try {
            for (const operation of operations) {
              await sayLater({ operation, access: other }, record);
              await sayFirst({ operation, access }, record);
            }
            for (const operation of operations) {
              assert.equal(await attempts[operation](record), access === 'GRANT', operation);
            }
          } finally {
            await forget(operations);
          }
        });
      }
    }
  });
}

test('of two custom roles that disagree DENY wins, whichever was said last', async () => {
  await server.admin('POST', '/roles', { name: 'Second' });
  await server.admin('POST', `/users/${member.user.objectId}/roles`, { role: 'Second' });
  const record = await ownRecord();
  for (const [granted, denied] of [[ROLE, 'Second'], ['Second', ROLE]]) {
    const say = (role, access) => onTable(() => ({ role }))({ operation: 'FIND', access }, record);
    await say(denied, 'DENY');
    await say(granted, 'GRANT');
    assert.equal(await attempts.FIND(record), false);
  }
});

test('the role of the key speaks with those of the session, and goes with the key', async () => {
  const record = await ownRecord();
  const say = (role, access) => onTable(() => ({ role }))({ operation: 'FIND', access }, record);
  await say('JSUser', 'DENY');
  await say('AuthenticatedUser', 'GRANT');
  assert.equal(await attempts.FIND(record), false);
  const path = `/data/${record.table}/${record.id}`;
  const byRest = await server.call('GET', path, { key: 'REST', token: member.token });
  assert.equal(byRest.body.objectId, record.id, byRest.text);
});

test('the CodeRunner key with a token is bound by what binds the user', async () => {
  const record = await ownRecord();
  await onRecord(() => ({ user: '*' }))({ operation: 'FIND', access: 'DENY' }, record);
  const path = `/data/${record.table}/${record.id}`;
  assert.equal((await server.call('GET', path, { key: 'BL' })).body.objectId, record.id);
  const withToken = await server.call('GET', path, { key: 'BL', token: member.token });
  expectEnvelope(withToken, unknownRecord(record.id));
});
