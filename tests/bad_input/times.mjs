// Moments at which calendars and clocks do what programs don't expect.

/** Times as texts, each with the moment that it is, or `null` if there is no such moment. */
export const times = {
  // Leap days.
  "2028-02-29T12:00:00.000Z": "2028-02-29T12:00:00.000Z",
  "2000-02-29T00:00:00Z": "2000-02-29T00:00:00.000Z",
  "2028-02-29T23:59:59.999-03:30": "2028-03-01T03:29:59.999Z",
  "2028-03-01T00:30:00+05:45": "2028-02-29T18:45:00.000Z",
  "2027-02-29T12:00:00.000Z": null,
  "2100-02-29T12:00:00.000Z": null,
  "2028-02-30T12:00:00.000Z": null,
  "2028-04-31T12:00:00.000Z": null,
  // A leap second is the first one of the next minute, as it is in POSIX time.
  "2016-12-31T23:59:60Z": "2017-01-01T00:00:00.000Z",
  "2016-12-31T23:59:61Z": null,
  "2016-12-31T24:00:00Z": null,
  // The ends of what can be written.
  "1970-01-01T00:00:00.000Z": "1970-01-01T00:00:00.000Z",
  "1970-01-01T00:00:00+00:01": null,
  "1970-01-01T00:00:00-14:00": "1970-01-01T14:00:00.000Z",
  "1969-12-31T23:59:59.999Z": null,
  "0000-01-01T00:00:00Z": null,
  "-000001-01-01T00:00:00Z": null,
  "9999-12-31T23:59:59.999Z": "9999-12-31T23:59:59.999Z",
  "9999-12-31T23:59:59.999-00:01": null,
  "9999-12-31T23:59:60Z": null,
  "10000-01-01T00:00:00Z": null,
  "+010000-01-01T00:00:00.000Z": null,
  // Offsets.
  "2026-11-20T18:35:52+14:00": "2026-11-20T04:35:52.000Z",
  "2026-11-20T18:35:52-12:00": "2026-11-21T06:35:52.000Z",
  "2026-11-20T18:35:52+23:59": "2026-11-19T18:36:52.000Z",
  "2026-11-20T18:35:52-00:00": "2026-11-20T18:35:52.000Z",
  "2026-11-20T18:35:52+24:00": null,
  "2026-11-20T18:35:52+05:60": null,
  "2026-11-20T18:35:52+0530": null,
  "2026-11-20T18:35:52": null,
  "2026-11-20T18:35:52[Asia/Kolkata]": null,
  // Parts of a second: what is finer than a millisecond is dropped.
  "2026-11-20T18:35:52.9999999999Z": "2026-11-20T18:35:52.999Z",
  "2026-11-20T18:35:52.1Z": "2026-11-20T18:35:52.100Z",
  "2026-11-20T18:35:52.Z": null,
  "2026-11-20T18:35:52,5Z": null,
  // Other writings.
  "2026-11-20": null,
  "20261120T183552Z": null,
  "2026-W47-5": null,
  "2026-1-2T3:4:5Z": null,
  "Fri, 20 Nov 2026 18:35:52 GMT": null,
  1795199752: null,
  "\u0662\u0660\u0662\u0666-11-20T18:35:52Z": null,
  now: null,
};

/** What a clock may show that was set by somebody, in milliseconds since 1970: one after the other. */
export const clocks = {
  "a leap day": Date.UTC(2028, 1, 29, 23, 59, 59, 999),
  "ten years later": Date.UTC(2038, 1, 28, 12),
  "where 32 bits of seconds end": (2 ** 31 - 1) * 1000,
  "one after that": 2 ** 31 * 1000,
  "back to a leap day": Date.UTC(2000, 1, 29),
  "the beginning": 0,
  "before 1970": Date.UTC(1969, 11, 31, 23, 59, 59, 999),
  "long before": Date.UTC(-271820, 0, 1),
  "the last that can be written": Date.UTC(9999, 11, 31, 23, 59, 59, 999),
  "the year 10000": Date.UTC(10000, 0, 1),
  "as far as clocks go": 8.64e15,
  "half a millisecond": Date.UTC(2026, 0, 1) + 0.5,
  "no number": NaN,
  "a year back": Date.UTC(2025, 0, 1),
};

/** The moment that is written down when the clock shows so much. */
export const written = (shown) =>
  new Date(
    Math.min(Math.max(Math.trunc(shown) || 0, 0), Date.UTC(9999, 11, 31, 23, 59, 59, 999)),
  ).toISOString();

/**
 * Moments, and what clocks on the wall show then, by hand: `medium` date and time of British English.
 * Zones with half hours and quarters, the first and the last to begin a day, changes of summer time
 * both ways, a day that never was, leap days.
 */
export const wall = {
  "Asia/Kolkata": {
    "2028-02-28T18:29:59.000Z": "28 Feb 2028, 23:59:59",
    "2028-02-28T18:30:00.000Z": "29 Feb 2028, 00:00:00",
    "2028-02-29T18:30:00.000Z": "1 Mar 2028, 00:00:00",
    "2100-02-28T18:30:00.000Z": "1 Mar 2100, 00:00:00",
    "1970-01-01T00:00:00.000Z": "1 Jan 1970, 05:30:00",
  },
  "America/St_Johns": {
    "2026-03-08T05:29:59.000Z": "8 Mar 2026, 01:59:59",
    "2026-03-08T05:30:00.000Z": "8 Mar 2026, 03:00:00",
    "2026-11-01T04:29:59.000Z": "1 Nov 2026, 01:59:59",
    "2026-11-01T04:30:00.000Z": "1 Nov 2026, 01:00:00",
    "2028-03-01T03:29:59.000Z": "29 Feb 2028, 23:59:59",
  },
  "Pacific/Kiritimati": {
    "2027-12-31T09:59:59.000Z": "31 Dec 2027, 23:59:59",
    "2027-12-31T10:00:00.000Z": "1 Jan 2028, 00:00:00",
    "9999-12-31T09:59:59.000Z": "31 Dec 9999, 23:59:59",
    "9999-12-31T23:59:59.999Z": "1 Jan 10000, 13:59:59",
  },
  "Pacific/Apia": {
    "2011-12-30T09:59:59.000Z": "29 Dec 2011, 23:59:59",
    "2011-12-30T10:00:00.000Z": "31 Dec 2011, 00:00:00",
    "2028-02-29T11:00:00.000Z": "1 Mar 2028, 00:00:00",
  },
  "Europe/Berlin": {
    "2026-03-29T00:59:59.000Z": "29 Mar 2026, 01:59:59",
    "2026-03-29T01:00:00.000Z": "29 Mar 2026, 03:00:00",
    "2026-10-25T00:59:59.000Z": "25 Oct 2026, 02:59:59",
    "2026-10-25T01:00:00.000Z": "25 Oct 2026, 02:00:00",
    "2000-02-29T23:00:00.000Z": "1 Mar 2000, 00:00:00",
  },
};
