'use strict';

/** Who may make a registered user of a guest, and who may not. */

const assert = require('node:assert/strict');
const { test } = require('node:test');

const { expectEnvelope, expectRefusal, freshEmail, useServer, PASSWORD } = require('../harness');

const server = useServer();

const reserved = { code: 3039, status: 400 };

async function guestAndToken() {
  const client = await server.client();
  const guest = await client.Users.loginAsGuest();
  return { client, id: guest.objectId, token: guest['user-token'] };
}

const account = (objectId, more = {}) => ({
  objectId,
  email: freshEmail(),
  password: PASSWORD,
  ...more,
});

/** A row as the operator sees it. */
async function row(id) {
  const where = encodeURIComponent(`objectId='${id}'`);
  const rows = await server.admin('GET', `/tables/Users/rows?where=${where}`);
  assert.equal(rows.length, 1, `no user ${id}`);
  return rows[0];
}

/** Does something that must leave a guest a guest, as it was. */
async function leavesGuest({ id, token }, attempt) {
  const before = await row(id);
  await attempt();
  assert.deepEqual(await row(id), before);
  assert.equal(before.userStatus, 'GUEST');
  assert.equal(await server.isAlive(token), true);
  const roles = await server.call('GET', '/users/userroles', { token });
  assert.ok(roles.body.includes('GuestUser'), roles.text);
}

// The first case: while there are registered users, no column becomes required of them.
test('required columns and validators spare a guest until it registers', async () => {
  await server.addColumns('Users', {
    code: { type: 'STRING', size: 6, required: true, unique: true, validator: '^[0-9]+$' },
  });
  const [guest, other] = [await guestAndToken(), await guestAndToken()];
  const codes = [(await row(guest.id)).code, (await row(other.id)).code];
  codes.forEach((code) => assert.match(code, /^.{6}$/));
  assert.notEqual(codes[0], codes[1]);

  for (const [more, code] of [
    [{}, 3012],
    [{ code: null }, 3041],
    [{ code: 'abc' }, 8008],
  ]) {
    await leavesGuest(guest, () =>
      expectRefusal(guest.client.Users.register(account(guest.id, more)), { code }),
    );
  }
  const registered = await guest.client.Users.register(account(guest.id, { code: '123' }));
  assert.equal(registered.code, '123');
  await server.admin('DELETE', '/tables/Users/columns/code');
});

test('nobody registers a guest without its token', async () => {
  const guest = await guestAndToken();
  const stranger = await server.client();

  await leavesGuest(guest, () => expectRefusal(stranger.Users.register(account(guest.id)), reserved));
});

test("nobody registers a guest with the token of another guest or user, or one that is dead", async () => {
  const guest = await guestAndToken();
  const other = await guestAndToken();
  const user = await server.registerAndLogIn();

  for (const token of [other.token, user.token, 'long-gone']) {
    await leavesGuest(guest, async () => {
      const answer = await server.call('POST', '/users/register', {
        token,
        json: account(guest.id),
      });
      expectEnvelope(answer, reserved);
    });
  }
});

test('a guest who logged out cannot register as that guest any more', async () => {
  const guest = await guestAndToken();
  await guest.client.Users.logout();

  const answer = await server.call('POST', '/users/register', {
    token: guest.token,
    json: account(guest.id),
  });

  expectEnvelope(answer, reserved);
});

test('a guest registers once', async () => {
  const guest = await guestAndToken();
  const first = account(guest.id);
  await guest.client.Users.register(first);
  const before = await row(guest.id);

  await expectRefusal(guest.client.Users.register(account(guest.id)), reserved);

  assert.deepEqual(await row(guest.id), before);
  const client = await server.client();
  assert.equal((await client.Users.login(first.email, PASSWORD)).objectId, guest.id);
});

test('of conversions at once exactly one wins', async () => {
  const guest = await guestAndToken();
  const accounts = Array.from({ length: 5 }, () => account(guest.id));

  const answers = await Promise.all(
    accounts.map((json) => server.call('POST', '/users/register', { token: guest.token, json })),
  );

  const winners = answers.flatMap((answer, n) => (answer.status === 200 ? [n] : []));
  assert.equal(winners.length, 1, answers.map((answer) => answer.text).join('\n'));
  answers.filter((answer) => answer.status !== 200).forEach((answer) => expectEnvelope(answer, reserved));
  assert.equal((await row(guest.id)).email, accounts[winners[0]].email);
});

test('a registered user is not registered again, with its own token or with any', async () => {
  const user = await server.registerAndLogIn();
  const before = await row(user.account.objectId);
  const again = account(user.account.objectId);

  await expectRefusal(user.client.Users.register(again), reserved);
  const answer = await server.call('POST', '/users/register', { key: 'BL', json: again });
  expectEnvelope(answer, reserved);

  assert.deepEqual(await row(user.account.objectId), before);
});

test('an objectId that nobody has is refused in the same words as any other', async () => {
  const guest = await guestAndToken();
  const stranger = await server.client();

  const ofNobody = await expectRefusal(
    stranger.Users.register(account('00000000-0000-7000-8000-000000000000')),
    reserved,
  );
  const ofSomebody = await expectRefusal(stranger.Users.register(account(guest.id)), reserved);

  assert.equal(ofNobody.message, ofSomebody.message);
});

test('trusted server code registers a guest without its token', async () => {
  const guest = await guestAndToken();
  const json = account(guest.id);

  const answer = await server.call('POST', '/users/register', { key: 'BL', json });

  assert.equal(answer.status, 200, answer.text);
  assert.equal(answer.body.objectId, guest.id);
  assert.equal(await server.isAlive(guest.token), true, 'the session goes on');
});

test('an e-mail address that somebody has leaves the guest as it was', async () => {
  const taken = await server.register();
  const guest = await guestAndToken();

  await leavesGuest(guest, () =>
    expectRefusal(guest.client.Users.register(account(guest.id, { email: taken.email, name: 'Ann' })), {
      code: 3033,
      status: 409,
    }),
  );
  const client = await server.client();
  assert.equal((await client.Users.login(taken.email, taken.password)).objectId, taken.objectId);

  // The guest may try again with another address.
  const registered = await guest.client.Users.register(account(guest.id));
  assert.equal(registered.objectId, guest.id);
});

test('what a registration needs a conversion needs, and the guest stays until it is there', async () => {
  const guest = await guestAndToken();
  const { id } = guest;

  for (const [properties, code] of [
    [{ objectId: id, email: freshEmail() }, 3011],
    [{ objectId: id, password: PASSWORD }, 3013],
    [{ objectId: id, password: PASSWORD, email: 'no address' }, 3040],
    [{ objectId: id, password: 7, email: freshEmail() }, 3050],
  ]) {
    await leavesGuest(guest, async () => {
      const answer = await server.call('POST', '/users/register', {
        token: guest.token,
        json: properties,
      });
      expectEnvelope(answer, { code });
    });
  }
});

test('while registration is switched off no guest registers', async () => {
  const guest = await guestAndToken();
  await server.configure({ registration: { enabled: false } });

  await leavesGuest(guest, () =>
    expectRefusal(guest.client.Users.register(account(guest.id)), { code: 3009, status: 403 }),
  );
});

test('a guest without an objectId in its registration becomes somebody else', async () => {
  const guest = await guestAndToken();
  const { objectId: _none, ...fresh } = account(guest.id);

  const registered = await guest.client.Users.register(fresh);

  assert.notEqual(registered.objectId, guest.id);
  assert.equal((await row(guest.id)).userStatus, 'GUEST');
});

test('an update makes no registered user of a guest', async () => {
  const guest = await guestAndToken();

  await leavesGuest(guest, () =>
    expectRefusal(guest.client.Users.update({ objectId: guest.id, email: freshEmail() }), {}),
  );
});
