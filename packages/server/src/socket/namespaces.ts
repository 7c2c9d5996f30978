import { type EventMap, RealtimeError } from "@bowline/protocol";
import { contain, type Listener, MAIN_NAMESPACE } from "@bowline/protocol/internal";
import { ChildrenDelivery } from "./delivery.ts";
import type { NamespaceHost } from "./namespace-host.ts";
import { Namespace } from "./namespace.ts";

export type AnyNamespace = Namespace<EventMap, EventMap, EventMap, unknown>;

/** Says by `next(null, true)` whether a client may have the namespace it asks for; may be async. */
export type NamespaceFunction = (
  name: string,
  auth: Readonly<Record<string, unknown>>,
  next: (error: Error | null | undefined, allow?: boolean) => void,
) => unknown;

export interface NamespacesOptions {
  /** Whether a child of a pattern goes when its last socket does. */
  readonly cleanupEmptyChildren: boolean;
  /** The most children of patterns that clients may have made at one time. */
  readonly maxChildren: number;
}

interface Pattern {
  readonly accepts: NamespaceFunction;
  readonly regExp: RegExp | undefined;
  readonly parent: AnyNamespace;
  readonly children: Set<AnyNamespace>;
}

/** The namespaces of one server by name, and the patterns that make more of them when a client asks. */
export class Namespaces {
  readonly byName: Map<string, AnyNamespace> = new Map();
  readonly #host: NamespaceHost;
  readonly #options: NamespacesOptions;
  readonly #patterns: Pattern[] = [];
  #childCount = 0;
  #isFullTold = false;

  constructor(host: NamespaceHost, options: NamespacesOptions) {
    this.#host = host;
    this.#options = options;
  }

  /** Made when it is not there, as a child of the first RegExp that fits. */
  named(name: string): AnyNamespace {
    const path = pathOf(name);
    const known = this.byName.get(path);
    if (known) return known;
    const pattern = this.#patterns.find(({ regExp }) => regExp?.test(path));
    if (pattern) return this.#createChild(pattern, path);
    const namespace: AnyNamespace = new Namespace(path, this.#host);
    this.#add(namespace);
    return namespace;
  }

  /** The namespace that stands for all whose names fit: what it is told, its children are told. */
  matching(pattern: RegExp | NamespaceFunction): AnyNamespace {
    const children = new Set<AnyNamespace>();
    const delivery = new ChildrenDelivery(children);
    const parent: AnyNamespace = new Namespace(`/_${this.#patterns.length}`, this.#host, { delivery });
    const regExp = pattern instanceof RegExp ? pattern : undefined;
    if (regExp && (regExp.global || regExp.sticky)) {
      const fix = "it would fit every second time; leave out the flags g and y";
      throw new RealtimeError("invalid_argument", `stateful regular expressions are not supported: ${fix}`);
    }
    const accepts: NamespaceFunction = regExp
      ? (name, _auth, next) => next(null, regExp.test(name))
      : (pattern as NamespaceFunction);
    this.#patterns.push({ accepts, regExp, parent, children });
    return parent;
  }

  /**
   * Asks the patterns in the order they were given for a namespace that is not there. `found` is called once, perhaps
   * later; the namespace is made when the caller opens it, so that a client that left meanwhile leaves none behind.
   */
  find(name: string, auth: object | undefined, found: (open?: () => AnyNamespace | undefined) => void): void {
    const ask = (index: number): void => {
      const pattern = this.#patterns[index];
      if (!pattern) return found();
      let isAnswered = false;
      const answer = (allow: boolean): void => {
        if (isAnswered) return;
        isAnswered = true;
        if (allow) found(() => this.#open(pattern, name));
        else ask(index + 1);
      };
      const next = (error: Error | null | undefined, allow?: boolean): void =>
        answer(!error && Boolean(allow));
      contain(pattern.accepts as Listener, [name, auth ?? {}, next], (error) => {
        this.#host.onError(error, { stage: "namespace", namespace: name });
        answer(false);
      });
    };
    ask(0);
  }

  /** Somebody else may have made it while the function thought. */
  #open(pattern: Pattern, name: string): AnyNamespace | undefined {
    const known = this.byName.get(name);
    if (known) return known;
    if (this.#childCount < this.#options.maxChildren) return this.#tryChild(pattern, name);
    if (!this.#isFullTold) {
      this.#isFullTold = true;
      const what = `there are ${this.#childCount} namespaces that clients asked for, which is maxDynamicNamespaces`;
      const fix = "more are refused. Allow more, or set cleanupEmptyChildNamespaces";
      const error = new RealtimeError("refused", `${what}: ${fix}`);
      this.#host.onError(error, { stage: "namespace", namespace: name });
    }
    return undefined;
  }

  /** An adapter may not want that name; we may be called from a timer of the application's, where nobody catches. */
  #tryChild(pattern: Pattern, name: string): AnyNamespace | undefined {
    try {
      return this.#createChild(pattern, name);
    } catch (error) {
      this.#host.onError(error, { stage: "adapter", namespace: name });
      return undefined;
    }
  }

  #createChild({ parent, children }: Pattern, name: string): AnyNamespace {
    const emptied = this.#options.cleanupEmptyChildren ? () => remove() : undefined;
    const child: AnyNamespace = new Namespace(name, this.#host, emptied && { emptied });
    const remove = (): void => {
      if (!children.delete(child)) return;
      this.byName.delete(name);
      this.#childCount -= 1;
      void child._closeAdapter();
    };
    child._inherit(parent);
    children.add(child);
    this.#childCount += 1;
    this.#add(child);
    return child;
  }

  #add(namespace: AnyNamespace): void {
    this.byName.set(namespace.name, namespace);
    if (namespace.name !== MAIN_NAMESPACE)
      this.byName.get(MAIN_NAMESPACE)?._fire("new_namespace", [namespace]);
  }
}

/** @throws RealtimeError `invalid_argument`: no packet could name it. */
function pathOf(name: string): string {
  if (typeof name !== "string") {
    throw new RealtimeError(
      "invalid_argument",
      "io.of() takes a name, a RegExp, or a function (name, auth, next)",
    );
  }
  if (name.includes(",") || name.includes("\x1e")) {
    throw new RealtimeError("invalid_argument", "a namespace's name has no comma and no U+001E in it");
  }
  return name.startsWith("/") ? name : `/${name}`;
}
