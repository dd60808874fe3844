'use strict';

const assert = require('node:assert/strict');
const { describe, test } = require('node:test');

const { expectEnvelope, expectRefusal, useServer } = require('../harness');

const server = useServer({ app: true });

const LIMIT_GUESTS = 'guest_limits::limit_guests';
const RECORD = 'audit_log::record';
const ECHO = 'sdk_app::answers::echo';
const DOORS = 'sdk_app::doors::Doors';
const TAKE_NOTE = 'sdk_app::timers::take_note';

const change = (path, json) => server.askAdmin('PATCH', `/handlers/${path}`, json);

/** Switches a handler on or off, and answers the chains of its events. */
async function enable(path, enabled) {
  const answer = await change(path, { enabled });
  assert.equal(answer.status, 200, answer.text);
  return answer.body;
}

/** One handler in the list of all of them. */
async function handler(path) {
  const chains = await server.admin('GET', '/handlers');
  return chains.flatMap(({ handlers }) => handlers).find((one) => one.path === path);
}

const echo = async () => (await server.client()).Events.dispatch('echo', { value: 7 });
const knock = async () => (await server.client()).APIServices.invoke('doors', 'anyone');

describe('a handler that is switched off', () => {
  test('limits nobody until it is on again', async () => {
    await server.configure({ guests: { perAddressPerMinute: 1 } });
    const guest = () => server.call('POST', '/users/register/guest');
    await guest();
    expectEnvelope(await guest(), { code: 999, status: 429 });

    const [{ event, handlers }] = await enable(LIMIT_GUESTS, false);
    assert.equal(event, 'loginAsGuest');
    const listed = handlers.find(({ path }) => path === LIMIT_GUESTS);
    assert.deepEqual([listed.enabled, listed.reason], [false, 'the operator switched it off']);
    for (let round = 0; round < 3; round += 1) {
      assert.equal((await guest()).status, 200);
    }

    await enable(LIMIT_GUESTS, true);
    await guest();
    expectEnvelope(await guest(), { code: 999, status: 429 });
    await server.configure({ guests: { perAddressPerMinute: 0 } });
  });

  test('stays so after a restart', async () => {
    await enable(RECORD, false);
    await server.restart();
    const { enabled, reason } = await handler(RECORD);
    assert.deepEqual([enabled, reason], [false, 'the operator switched it off']);
    await enable(RECORD, true);
    assert.equal((await handler(RECORD)).enabled, true);
  });
});

test('an event whose answer is switched off is not there', async () => {
  assert.deepEqual(await echo(), { result: 7 });
  await enable(ECHO, false);
  await expectRefusal(echo(), {
    code: 3042,
    status: 400,
    message: "Custom event handler with name 'echo' does not exists",
  });
  await enable(ECHO, true);
  assert.deepEqual(await echo(), { result: 7 });
});

test('a service that is switched off is not there, and a method alone is not either', async () => {
  await enable(`${DOORS}::anyone`, false);
  await expectRefusal(knock(), { code: 14002, status: 400 });
  await enable(`${DOORS}::anyone`, true);

  const [{ event, handlers }] = await enable(DOORS, false);
  assert.equal(event, 'invokeService');
  const doors = handlers.filter(({ path }) => path.startsWith(`${DOORS}::`));
  assert.deepEqual(new Set(doors.map(({ enabled }) => enabled)), new Set([false]));
  await expectRefusal(knock(), { code: 14001, status: 400 });
  await enable(DOORS, true);
  assert.equal((await knock()).isServerCode, false);
});

test('a handler is moved and goes back to its own place', async () => {
  const { ownOrder } = await handler(LIMIT_GUESTS);
  for (const [order, expected] of [
    [-500, -500],
    [null, ownOrder],
  ]) {
    const answer = await change(LIMIT_GUESTS, { order });
    assert.equal(answer.status, 200, answer.text);
    const moved = await handler(LIMIT_GUESTS);
    assert.deepEqual([moved.order, moved.ownOrder], [expected, ownOrder]);
  }
});

describe('bad input', () => {
  const wrong = [
    ['no change', LIMIT_GUESTS, {}, /enabled/],
    ['a text', LIMIT_GUESTS, { enabled: 'false' }, /enabled/],
    ['a fraction', LIMIT_GUESTS, { order: 1.5 }, /order/],
    ['a number that is too large', LIMIT_GUESTS, { order: 2 ** 31 }, /order/],
    ['an unknown key', LIMIT_GUESTS, { enabled: false, timeout: 5 }, /timeout/],
    ['an order of one that stands alone', ECHO, { order: 1 }, /stands alone/],
    ['a timer', TAKE_NOTE, { enabled: false }, /admin\/api\/timers/],
    ['a name that is nearly right', 'guest_limits::limit_guest', { enabled: false }, /did you mean/],
  ];
  for (const [kind, path, json, message] of wrong) {
    test(`${kind} is refused, and nothing changes`, async () => {
      const answer = await change(path, json);
      expectEnvelope(answer, { code: 8008, status: 400 });
      assert.match(answer.body.message, message);
      assert.equal((await handler(LIMIT_GUESTS)).enabled, true);
    });
  }

  test('nobody but the operator changes a handler', async () => {
    const path = `/admin/api/handlers/${LIMIT_GUESTS}`;
    const answer = await server.send('PATCH', path, { json: { enabled: false } });
    expectEnvelope(answer, { code: 2000, status: 401 });
    assert.equal((await handler(LIMIT_GUESTS)).enabled, true);
  });
});

test('changes leave audit records', async () => {
  await change(ECHO, { enabled: false });
  await change(ECHO, { enabled: true });
  const audit = JSON.stringify(await server.admin('GET', '/audit'));
  for (const action of [`changeHandler ${ECHO} enabled=false`, `changeHandler ${ECHO} enabled=true`]) {
    assert.ok(audit.includes(action), audit);
  }
});
