/** A Map by name for what mostly has one entry: that takes no table, 250 bytes less for each connection. */
export class FewByName<Value> {
  #name: string | undefined;
  #value: Value | undefined;
  #more: Map<string, Value> | undefined;

  get(name: string): Value | undefined {
    return name === this.#name ? this.#value : this.#more?.get(name);
  }

  set(name: string, value: Value): void {
    if (this.#name === undefined && !this.#more?.has(name)) this.#name = name;
    if (name === this.#name) this.#value = value;
    else (this.#more ??= new Map()).set(name, value);
  }

  delete(name: string): void {
    if (name !== this.#name) return void this.#more?.delete(name);
    this.#name = undefined;
    this.#value = undefined;
  }

  /** A copy: what is done with one may change them. */
  entries(): [string, Value][] {
    const first: [string, Value][] = this.#name === undefined ? [] : [[this.#name, this.#value as Value]];
    return this.#more ? first.concat([...this.#more]) : first;
  }

  values(): Value[] {
    const first = this.#name === undefined ? [] : [this.#value as Value];
    return this.#more ? first.concat([...this.#more.values()]) : first;
  }
}
