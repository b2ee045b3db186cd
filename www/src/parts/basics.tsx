import type { ComponentChildren } from "preact";
import { useEffect, useReducer } from "preact/hooks";
import { ago, date, shortId, visible } from "../text";
import type { Tone } from "../words";
import { Icon, type IconName } from "./Icon";

/** A text from outside, in one line: it can't reorder what stands beside it, nor hide anything. */
export function Foreign({ text }: { text: string }) {
  return <bdi>{visible(text, true)}</bdi>;
}

export function Badge({
  tone,
  children,
  state,
}: {
  tone: Tone;
  children: ComponentChildren;
  state?: string;
}) {
  return (
    <span class={`badge badge-${tone}`} data-state={state}>
      {children}
    </span>
  );
}

/** An id by its end; the whole of it can be read and copied. */
export function ShortId({ id }: { id: string }) {
  return (
    <code class="id" title={id}>
      {shortId(id)}
    </code>
  );
}

const MINUTE = 60_000;

/** How long ago, told anew each minute; the exact moment on hover and for machines. */
export function Moment({ time }: { time: string }) {
  const [, render] = useReducer((count: number, _: void) => count + 1, 0);
  useEffect(() => {
    const timer = setInterval(() => render(), MINUTE);
    return () => clearInterval(timer);
  }, []);
  return (
    <time dateTime={time} title={date(time)}>
      {ago(time, Date.now())}
    </time>
  );
}

export interface ButtonProps {
  children: ComponentChildren;
  onClick?: () => void;
  icon?: IconName;
  kind?: "primary" | "plain" | "quiet" | "danger";
  type?: "button" | "submit";
  isBusy?: boolean;
  disabled?: boolean;
  /** Of no use for the moment. It keeps the focus, which a disabled button would lose. */
  isOff?: boolean;
  testId?: string;
  /** For screen readers, where the words alone don't say what it is about. */
  label?: string;
  autofocus?: boolean;
}

export function Button(props: ButtonProps) {
  const { children, onClick, icon, kind = "plain", type = "button", isBusy = false } = props;
  const isOff = isBusy || props.isOff === true;
  return (
    <button
      type={type}
      class={`button button-${kind}`}
      onClick={isOff ? undefined : onClick}
      aria-disabled={isOff || undefined}
      aria-busy={isBusy || undefined}
      disabled={props.disabled}
      data-testid={props.testId}
      aria-label={props.label}
      autofocus={props.autofocus}
    >
      {isBusy ? <Icon name="arc" /> : icon && <Icon name={icon} />}
      <span>{children}</span>
    </button>
  );
}

/** Figures with what they count. */
export function Facts({ facts }: { facts: readonly (readonly [string, ComponentChildren])[] }) {
  return (
    <dl class="facts">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

export function Loading({ what }: { what: string }) {
  return (
    <p class="muted loading" role="status">
      <Icon name="arc" /> Loading {what}…
    </p>
  );
}
