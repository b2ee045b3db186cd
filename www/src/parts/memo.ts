import { Component, type ComponentChild, type ComponentType, createElement } from "preact";

/** Draws a component again only when its properties differ: a plan may have thousands of rows. */
export function memo<P extends object>(
  inner: ComponentType<P>,
  isSame: (one: P, two: P) => boolean,
): ComponentType<P> {
  return class extends Component<P> {
    override shouldComponentUpdate(next: P): boolean {
      return !isSame(this.props as P, next);
    }
    override render(): ComponentChild {
      return createElement(inner, this.props as P);
    }
  };
}
