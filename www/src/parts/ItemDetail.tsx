import type { ItemView } from "#wasm";
import { useRef, useState } from "preact/hooks";
import { useAction } from "../action";
import { useKeptFocus } from "../focus";
import { useQuery } from "../live";
import { count, number, percent, visible } from "../text";
import { tier } from "../words";
import { Button, Loading, Moment } from "./basics";
import { execute } from "./dialogs";
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
  const { data, problem, again } = useQuery({ type: "item", project, item: item.id });
  const action = useAction();
  const region = useRef<HTMLDivElement>(null);
  useKeptFocus(region);
  const [isRedacting, setRedacting] = useState(false);
  const items = [item.id];
  const act = (type: "pin_items" | "unpin_items" | "archive_items" | "restore_items") => () =>
    void action.run(() => execute(project, { type, items }));
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
      {data && data.body !== null && (
        <LongText
          name="Text"
          of={`item ${number(item.number)}`}
          text={data.body}
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
              onClick={act(item.pinned ? "unpin_items" : "pin_items")}
              testId="pin"
            >
              {item.pinned ? "Unpin" : "Pin"}
            </Button>
            <Button
              icon="box"
              isBusy={action.isBusy}
              onClick={act(item.archived ? "restore_items" : "archive_items")}
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
          project={project}
          what={{ type: "redact_item", item: item.id }}
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
        came <Moment time={item.created_at} />
      </span>
      <span>
        {item.access_count === 0 ? "never used" : `used ${count(item.access_count, "time")}`}
        {item.last_accessed !== null && (
          <>
            , last <Moment time={item.last_accessed} />
          </>
        )}
      </span>
      <span>{tier[item.archived ? "archived" : item.tier].meaning}</span>
      <span>importance {percent(Math.round(100 * item.importance))}</span>
      <code class="id">{visible(item.id)}</code>
    </p>
  );
}
