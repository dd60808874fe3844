'use strict';

/** How long an answer may take: a server that hangs fails the case, not the patience of the suite. */
const LIMIT_MS = 60_000;

/**
 * One plain HTTP call, for what the SDK hides or would never send.
 *
 * @param {string} url
 * @param {object} [options]
 * @param {string} [options.token] sent as `user-token`
 * @param {unknown} [options.json] a body to be encoded
 * @param {string|Buffer} [options.raw] a body sent byte for byte, as `application/json`
 */
async function send(url, { method = 'GET', token, headers = {}, json, raw } = {}) {
  const body = json === undefined ? raw : JSON.stringify(json);
  const response = await fetch(url, {
    method,
    body,
    signal: AbortSignal.timeout(LIMIT_MS),
    headers: {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(token === undefined ? {} : { 'user-token': token }),
      ...headers,
    },
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, body: parsed(text) };
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

module.exports = { send };
