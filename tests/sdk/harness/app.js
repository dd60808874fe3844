'use strict';

/**
 * The one app that every server of this suite serves. The values are made up; their shape is the
 * one real ids have, since the SDK puts them into paths.
 */
module.exports = {
  appId: '5E1F0A61-0000-4000-8000-00000000A99D',
  keys: {
    JS: '5E1F0A61-0000-4000-8000-0000000000A1',
    REST: '5E1F0A61-0000-4000-8000-0000000000A2',
    BL: '5E1F0A61-0000-4000-8000-0000000000A3',
  },
  adminToken: 'the-operator-of-the-sdk-cases-0123456789',
};
