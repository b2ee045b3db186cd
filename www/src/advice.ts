/** What a person can do about a failure, by its code. A code that isn't here is shown as it is. */
const advice: Record<string, string> = {
  // What was asked for can't be.
  INVALID_INPUT: "Change what you entered and try again.",
  TOO_LONG: "Shorten it and try again.",
  NO_STEPS: "Give the plan at least one step.",
  INVALID_TRANSITION: "It has moved on in the meantime. What you see now is how it stands.",
  PROJECT_PAUSED: "Resume the project first.",
  PROJECT_NOT_PAUSED: "It goes on already; there is nothing to resume.",
  PROJECT_STOPPED: "Start the project first.",
  PROJECT_COMPLETED: "The project is completed; its work doesn’t change any more.",
  PROJECT_NOT_STARTED: "Start the project first.",
  PLANS_UNFINISHED: "Finish or cancel its plans first.",
  SUPERSEDED:
    "Someone else, perhaps another tab, took this over. What you see now is how it stands.",
  CHANGED: "Something moved since you looked. Look at it as it is now and decide again.",
  REVERSION_LIMIT:
    "This plan may not be moved back any more. Roll back the whole project no further than that, or go on.",
  PLAN_APPLIED: "Its result was applied, so it stays. Make a new plan instead.",
  CHECKPOINT_FOREIGN: "Pick a checkpoint of this plan, or one of the whole project.",
  NOTHING_TO_ROLL_BACK: "Everything is already as it was then. Pick an earlier checkpoint.",
  PLAN_CLAIMED:
    "Someone else is at work on this plan. Wait until they are done, or pause the project.",
  NOT_PLAYABLE:
    "Its steps were not recorded, so they can’t be played: carry them out and record what came of them.",
  COMMAND_ID_REUSED: "Reload the page and try again.",
  DUPLICATE_COMMAND: "It was done already. What you see now is how it stands.",
  NOTHING_TO_REDACT: "This step has no output that could be removed.",
  REDACTED: "This text was removed for good. Nobody can bring it back.",

  // What was asked for isn't there.
  PROJECT_NOT_FOUND: "It was deleted, or the address is wrong. Go back to the list.",
  PLAN_NOT_FOUND: "It was rolled back or deleted, or the address is wrong. Go back to the project.",
  STEP_NOT_FOUND: "The plan has other steps now. What you see now is how it stands.",
  ITEM_NOT_FOUND: "It was rolled back in the meantime.",
  BODY_NOT_FOUND: "The project has no text with this digest. Copy the digest from its history.",
  SUBMISSION_NOT_FOUND: "Look at what waits for a decision now, and decide on that.",
  AGENT_NOT_FOUND: "No agent has this name. Choose one of those in the list.",
  CHECKPOINT_NOT_FOUND: "Pick another checkpoint, or take one first.",
  REVISION_NOT_FOUND: "Pick another checkpoint.",
  AMBIGUOUS_ID: "Give more of the id.",
  REMOVED: "The project was deleted. Go back to the list.",

  // Files.
  TRAJECTORY_INVALID:
    "Choose a .traj file as SWE-agent writes it, JSON with a list of steps under “trajectory”; or a copy that Holdpoint has saved.",
  FILE_UNREADABLE:
    "Check that the file is still there, may be read and isn’t being written, then choose it again.",
  BUNDLE_INVALID:
    "The file was cut off or changed on its way, or is something else. Get it once more from where it was saved; nothing of it was taken in.",
  BUNDLE_TOO_LARGE:
    "Nothing of it was taken in. Save its projects one by one and open those, or use the command line, which can be told to take more.",
  PROJECT_EXISTS:
    "Nothing was changed. Go on with the project that is here, or open the file as a new copy beside it.",
  NOT_DECOMPRESSED: "Unpack the file with another program, or save the copy uncompressed.",
  CANCELLED: "It was cancelled; nothing of it is left.",
  FILE_TOO_LARGE: "Files of up to 64 MiB can be imported. Split it, or import a shorter run.",

  // Where things are kept.
  BUSY: "Others are writing a lot to this project. Try again in a moment; nothing was lost.",
  CONFLICT: "Someone else was first. Try again; nothing was lost.",
  CLOSED: "The browser closed the storage. Try again to open it anew; nothing was lost.",
  BLOCKED: "Another tab holds an older version of Holdpoint open. Close that tab, then try again.",
  QUOTA_EXCEEDED:
    "The browser’s storage is full. Free some disk space or delete projects, then try again; nothing was lost.",
  TOO_NEW: "A newer Holdpoint wrote this. Reload the page to get the newest version.",
  CORRUPT:
    "Some stored data is damaged; it was left untouched. “Verify” on the project’s page says what and where.",
  EVICTED:
    "The browser has cleared the storage. Import the files again, and let the page keep its data for good.",
  OUTCOME_UNKNOWN:
    "It may have been done or not: the connection was lost on the way. Look at it as it is now before you try again.",
  UNAVAILABLE:
    "The browser gives this page no storage. Leave private browsing, or allow this site to store data, then try again.",
  NOT_A_STORE:
    "Another program keeps its data under this name at this address. Clear this site’s data, or open Holdpoint at another address.",

  // The page.
  RUNNING_HERE: "Stop it, or wait until it is done, then try again.",
  SAMPLE_MISSING: "Check the connection and try again, or import a file of your own.",
  PAGE_INCOMPLETE: "A part of the page could not be loaded. Check the connection and try again.",
  NO_WEBASSEMBLY:
    "This browser can’t run WebAssembly, or it is switched off. Use a current browser.",
  INTERNAL:
    "This is a fault in Holdpoint. What was acknowledged is safe; reload the page to go on.",
};

export function adviceFor(code: string): string | undefined {
  return Object.hasOwn(advice, code) ? advice[code] : undefined;
}
