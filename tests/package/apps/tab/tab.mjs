// A tab with the package at hand: the test says what it does.
import * as holdpoint from "/node_modules/holdpoint/dist/index.js";

window.holdpoint = holdpoint;

/** An error as it can be told to the test. */
window.told = (error) => ({
  isHoldpointError: holdpoint.isHoldpointError(error) && error instanceof holdpoint.HoldpointError,
  code: error?.code,
  message: String(error?.message ?? error),
  details: error?.details,
});

/** What comes of a call: its value, or its error as told. */
window.outcomeOf = async (call) => {
  try {
    return { value: await call() };
  } catch (error) {
    return { error: window.told(error) };
  }
};

window.sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** All entries of a project. */
window.entriesOf = async (project) => {
  const entries = [];
  for await (const entry of project.entries()) entries.push(entry);
  return entries;
};
window.isReady = true;
