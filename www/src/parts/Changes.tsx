import type { ItemView, Page, PlanView, RollbackReport } from "holdpoint";
import type { ComponentChildren } from "preact";
import { useLive } from "../live";
import { projectOf } from "../store";
import { count, beginning, number, visible } from "../text";
import { planField, stepState } from "../words";
import { ShortId } from "./basics";

/** A report's paths, taken apart. */
interface Grouped {
  plans: { plan: string; fields: string[]; steps: number[] }[];
  /** Plans that come back or leave as a whole. */
  wholePlans: string[];
  restored: string[];
  removed: string[];
}

function group(report: RollbackReport): Grouped {
  const grouped: Grouped = { plans: [], wholePlans: [], restored: [], removed: [] };
  const items: string[] = [];
  for (const path of report.paths) {
    const [kind, id = "", field, step] = path.split("/");
    if (kind === "items") items.push(id);
    if (kind !== "plans") continue;
    if (field === undefined) {
      grouped.wholePlans.push(id);
      continue;
    }
    let plan = grouped.plans.find((plan) => plan.plan === id);
    if (!plan) grouped.plans.push((plan = { plan: id, fields: [], steps: [] }));
    if (field === "steps" && step !== undefined) plan.steps.push(Number(step));
    else plan.fields.push(field);
  }
  // The report names first the items that are as they were, then those that leave.
  grouped.restored = items.slice(0, report.itemsRestored);
  grouped.removed = items.slice(report.itemsRestored);
  return grouped;
}

/** What the ids in the paths stand for, as it is now. */
interface Known {
  plans: Map<string, PlanView>;
  items: Map<string, ItemView>;
}

async function lookUp(project: string, grouped: Grouped): Promise<Known> {
  const ids = [...new Set([...grouped.plans.map(({ plan }) => plan), ...grouped.wholePlans])];
  const of = await projectOf(project);
  const plans = await Promise.all(
    ids.map((plan) =>
      of.plan(plan).then(
        (plan) => plan.getSnapshot(),
        // A plan that comes back isn't there yet.
        () => undefined,
      ),
    ),
  );
  const items = new Map<string, ItemView>();
  let after: number | null = null;
  do {
    const page: Page<ItemView, number> = await of.listContext({ after });
    for (const item of page.items) items.set(item.id, item);
    after = page.next;
  } while (after !== null && items.size < 5000);
  return {
    plans: new Map(plans.flatMap((plan) => (plan ? [[plan.id, plan] as const] : []))),
    items,
  };
}

/** Exactly what a rollback changes, in groups: fields of plans, steps, items. */
export function Changes({ project, report }: { project: string; report: RollbackReport }) {
  const grouped = group(report);
  const known = useLive(project, ["changes", report.paths], () => lookUp(project, grouped)).data;
  const item = (id: string): ComponentChildren => {
    const found = known?.items.get(id);
    return (
      <>
        {found
          ? `No. ${number(found.number)}: ${visible(found.kind, true)}, ${count(found.tokens, "token")} `
          : "comes back "}
        {found?.archived && "(archived now) "}
        <ShortId id={id} />
      </>
    );
  };
  return (
    <div class="changes">
      <dl class="figures" data-testid="rollback-figures">
        <Figure name="Plans" value={report.plansReverted} />
        <Figure name="Steps" value={report.stepsReverted} />
        <Figure name="Items as they were" value={report.itemsRestored} />
        <Figure name="Items removed" value={report.itemsRemoved} />
      </dl>
      {grouped.plans.map(({ plan, fields, steps }) => {
        const view = known?.plans.get(plan);
        return (
          <section key={plan} class="change">
            <h3>
              Plan {view ? number(view.number) : <ShortId id={plan} />}
              {view && <span class="muted"> {beginning(view.request, 70)}</span>}
            </h3>
            {view && (
              <p class="muted small" data-testid="reversions">
                Moved back {number(view.reversionCount)} of {count(view.maxReversions, "time")} so
                far. Going back counts, undoing it doesn’t.
              </p>
            )}
            <List
              rows={fields.map((field) => ({
                path: `plans/${plan}/${field}`,
                text: planField(field),
              }))}
            />
            <List
              rows={steps.map((step) => {
                const now = view?.stepList[step];
                return {
                  path: `plans/${plan}/steps/${step}`,
                  text: (
                    <>
                      Step {number(step + 1)}
                      {now && (
                        <>
                          {" "}
                          <span class="change-title">{visible(now.title, true)}</span>{" "}
                          <span class="muted">{stepState[now.state].toLowerCase()} now</span>
                        </>
                      )}
                    </>
                  ),
                };
              })}
            />
          </section>
        );
      })}
      <Group name="Whole plans that come back or leave">
        {grouped.wholePlans.map((plan) => {
          const view = known?.plans.get(plan);
          const text = view ? `leaves: ${beginning(view.request, 70)} ` : "comes back ";
          return { path: `plans/${plan}`, text: [text, <ShortId id={plan} />] };
        })}
      </Group>
      <Group name="Context items that become as they were">
        {grouped.restored.map((id) => ({ path: `items/${id}`, text: item(id) }))}
      </Group>
      <Group name="Context items that are removed">
        {grouped.removed.map((id) => ({ path: `items/${id}`, text: item(id) }))}
      </Group>
    </div>
  );
}

function Figure({ name, value }: { name: string; value: number }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{number(value)}</dd>
    </div>
  );
}

interface ChangeRow {
  path: string;
  text: ComponentChildren;
}

function Group({ name, children }: { name: string; children: ChangeRow[] }) {
  if (children.length === 0) return null;
  return (
    <section class="change">
      <h3>
        {name} <span class="count">{number(children.length)}</span>
      </h3>
      <List rows={children} />
    </section>
  );
}

/** A long list scrolls in a box of its own; all of it is there. */
function List({ rows }: { rows: readonly ChangeRow[] }) {
  if (rows.length === 0) return null;
  const list = (
    <ul class="change-list">
      {rows.map(({ path, text }) => (
        <li key={path} data-path={path} title={path}>
          {text}
        </li>
      ))}
    </ul>
  );
  if (rows.length <= 8) return list;
  return (
    <div class="scroll-y" tabIndex={0} role="region" aria-label="What changes">
      {list}
    </div>
  );
}
