import type { ItemView, Project } from "holdpoint";
import { useRef, useState } from "preact/hooks";
import { useAction } from "../action";
import { useKeptFocus } from "../focus";
import { useLive } from "../live";
import { projectOf } from "../store";
import { count, number, percent, visible } from "../text";
import { tier } from "../words";
import { Button, Loading, Moment } from "./basics";
import { ProblemBox } from "./ProblemBox";
import { RedactDialog, Redacted } from "./RedactDialog";
import { LongText } from "./StepDetail";

/** An item's body, read only once somebody looks at it, and what can be done with it. */
export function ItemDetail({
  project,
  item,
  canChange,
}: {
  project: string;
  item: ItemView;
  canChange: boolean;
}) {
  const { data, problem, again } = useLive(project, ["item", item.id], async () =>
    (await projectOf(project)).item(item.id),
  );
  const action = useAction();
  const region = useRef<HTMLDivElement>(null);
  useKeptFocus(region);
  const [isRedacting, setRedacting] = useState(false);
  const items = [item.id];
  const act = (work: (project: Project) => Promise<unknown>) => () =>
    void action.run(async () => work(await projectOf(project)));
  return (
    <div
      ref={region}
      class="step-detail"
      tabIndex={-1}
      role="group"
      aria-label={`Item ${item.number}`}
      data-testid="item-detail"
    >
      <ProblemBox problem={problem} onAgain={again} />
      {!data && !problem && <Loading what="the text" />}
      {item.redacted && <Redacted what="The text" redaction={item.redacted} />}
      {data && data.text !== null && (
        <LongText
          name="Text"
          of={`item ${number(item.number)}`}
          text={data.text}
          testId="item-body"
        />
      )}
      <ItemStory item={item} />
      <ProblemBox problem={action.problem} onDismiss={action.dismiss} />
      <div class="buttons">
        {canChange && (
          <>
            <Button
              icon="pin"
              isBusy={action.isBusy}
              onClick={act((of) => (item.pinned ? of.unpinItems(items) : of.pinItems(items)))}
              testId="pin"
            >
              {item.pinned ? "Unpin" : "Pin"}
            </Button>
            <Button
              icon="box"
              isBusy={action.isBusy}
              onClick={act((of) =>
                item.archived ? of.restoreItems(items) : of.archiveItems(items),
              )}
              testId="archive"
            >
              {item.archived ? "Bring back" : "Archive"}
            </Button>
          </>
        )}
        {!item.redacted && (
          <Button kind="quiet" icon="bin" onClick={() => setRedacting(true)} testId="redact">
            Remove for good…
          </Button>
        )}
      </div>
      {isRedacting && (
        <RedactDialog
          redact={async (given) => (await projectOf(project)).redactItem(item.id, given)}
          onClose={() => setRedacting(false)}
        />
      )}
    </div>
  );
}

/** When it came and how often it was used, in one line. */
function ItemStory({ item }: { item: ItemView }) {
  return (
    <p class="meta">
      <span>
        came <Moment time={item.createdAt} />
      </span>
      <span>
        {item.accessCount === 0 ? "never used" : `used ${count(item.accessCount, "time")}`}
        {item.lastAccessed !== null && (
          <>
            , last <Moment time={item.lastAccessed} />
          </>
        )}
      </span>
      <span>{tier[item.archived ? "archived" : item.tier].meaning}</span>
      <span>importance {percent(Math.round(100 * item.importance))}</span>
      <code class="id">{visible(item.id)}</code>
    </p>
  );
}
