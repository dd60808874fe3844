'use strict';

/**
 * Random nonsense, the same in every run: whatever arrives, the answer is a success or the envelope,
 * and the server is as well afterwards as before. `VESTIBULE_SDK_SEED` tries another nonsense.
 */

const assert = require('node:assert/strict');
const { test } = require('node:test');

const { expectEnvelope, useServer } = require('../harness');

const ROUNDS = 60;
const SEED = Number(process.env.VESTIBULE_SDK_SEED ?? 20261121);

let target;
let bystander;

const server = useServer({}, async (started) => {
  target = await started.registerAndLogIn();
  bystander = await started.registerAndLogIn({ name: 'Bystander' });
});

const STRINGS = [
  ...['', ' ', 'a', 'a@example.com', 'null', '0', '\u0000', 'a\u0000b', '\uFEFF', '\u202E', '🦊'],
  ...[
    "' OR 1=1 --",
    '"',
    '\\',
    '%',
    '%00',
    '../..',
    '${7*7}',
    '\r\nset-cookie: a=b',
    'x'.repeat(10_000),
  ],
  ...['ENABLED', 'DISABLED', 'GUEST', 'Users', 'created desc', 'objectId', '1970-01-01T00:00:00Z'],
];
const NAMES = [
  ...['login', 'password', 'email', 'name', 'objectId', 'ownerId', 'userStatus', 'user-token'],
  ...['___class', 'created', 'updated', 'lastLogin', 'blUserLocale', 'pageSize', 'offset', 'where'],
  ...['props', 'sortBy', '__proto__', '', '\u0000'],
];
const NUMBERS = [
  0,
  -0,
  1,
  -1,
  0.5,
  1e308,
  -1e308,
  2 ** 53,
  2 ** 63,
  2 ** 64,
  -(2 ** 63),
  101,
  1e-320,
];

/** A small generator of pseudo-random numbers (mulberry32): the suite repeats itself exactly. */
function randomness(seed) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit) => Math.floor(next() * limit);
  return { below, pick: (list) => list[below(list.length)] };
}

function someValue(random, depth = 0) {
  switch (random.below(depth < 3 ? 8 : 5)) {
    case 0:
      return null;
    case 1:
      return random.pick([true, false]);
    case 2:
      return random.pick(NUMBERS);
    case 3:
    case 4:
      return random.pick(STRINGS);
    case 5:
      return Array.from({ length: random.below(4) }, () => someValue(random, depth + 1));
    default:
      return someObject(random, depth + 1);
  }
}

function someObject(random, depth = 0) {
  const entries = Array.from({ length: random.below(5) }, () => [
    random.pick(NAMES),
    someValue(random, depth),
  ]);
  return Object.fromEntries(entries);
}

/** Mostly an object, sometimes any value, sometimes JSON that was damaged on the way. */
function someBody(random) {
  const text = JSON.stringify(random.below(5) === 0 ? someValue(random) : someObject(random));
  const bytes = Buffer.from(text);
  switch (random.below(4)) {
    case 0:
      return bytes.subarray(0, random.below(bytes.length + 1));
    case 1:
      bytes[random.below(bytes.length)] = random.below(256);
      return bytes;
    default:
      return bytes;
  }
}

const ROUTES = {
  login: () => ['POST', '/users/login'],
  'login of server code': () => ['POST', '/users/login', { key: 'BL' }],
  register: () => ['POST', '/users/register'],
  update: () => ['PUT', `/users/${target.account.objectId}`, { token: target.token }],
  find: () => ['POST', '/data/Users/find', { token: target.token }],
  'a change of status': () => ['PUT', '/users/NOBODY/status', { key: 'BL' }],
  'a verification of a password': () => [
    'POST',
    '/users/verifypassowrd',
    { key: 'BL', token: target.token },
  ],
};

for (const [name, route] of Object.entries(ROUTES)) {
  test(`${name} survives ${ROUNDS} bodies of nonsense`, async () => {
    const random = randomness(SEED);
    for (let round = 0; round < ROUNDS; round += 1) {
      const raw = someBody(random);
      const [method, path, options] = route();
      const answer = await server.call(method, path, { ...options, raw });
      try {
        if (answer.status >= 300) {
          expectEnvelope(answer);
        }
      } catch (error) {
        const body = raw.toString('latin1').slice(0, 500);
        throw new Error(`seed ${SEED}, round ${round}, ${body}: ${error.message}`, {
          cause: error,
        });
      }
    }
    await expectEverythingAsBefore();
  });
}

async function expectEverythingAsBefore() {
  const { client, account } = bystander;
  const user = await client.Users.getCurrentUser(true);
  assert.equal(user.name, 'Bystander');
  assert.equal(user.email, account.email);
  assert.equal(user.userStatus, 'ENABLED');
  const health = await server.send('GET', '/healthz');
  assert.equal(health.status, 200, health.text);
}
