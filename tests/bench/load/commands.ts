import { churn, type ChurnOptions } from "./churn.ts";
import { connect, type ConnectOptions } from "./connect.ts";
import { Crowd, type CrowdOptions } from "./crowd.ts";
import { echo, type EchoOptions } from "./echo.ts";
import { fanOut, type FanOutOptions } from "./fan-out.ts";
import type { Sample, Timed } from "./meter.ts";
import { paced, type PacedOptions } from "./paced.ts";
import { emitToOne, joinAndLeave, joinMany } from "./rooms.ts";
import { tokens, type TokensOptions } from "./tokens.ts";

/** What the driver can have done. `crowd` is what it calls the clients that it opened. */
export type Command =
  | { readonly do: "open"; readonly crowd: string; readonly options: CrowdOptions }
  | { readonly do: "close"; readonly crowd: string }
  | { readonly do: "count"; readonly crowd: string }
  | { readonly do: "connect"; readonly options: ConnectOptions }
  | { readonly do: "churn"; readonly options: ChurnOptions }
  | { readonly do: "paced"; readonly crowd: string; readonly options: PacedOptions }
  | { readonly do: "echo"; readonly crowd: string; readonly options: EchoOptions }
  | { readonly do: "fanOut"; readonly crowd: string; readonly options: FanOutOptions }
  | { readonly do: "tokens"; readonly crowd: string; readonly options: TokensOptions }
  | { readonly do: "joinMany"; readonly crowd: string; readonly rooms: number }
  | { readonly do: "joinAndLeave" | "emitToOne"; readonly crowd: string; readonly seconds: number };

/** What a crowd got so far. */
export interface Count {
  readonly events: number;
  readonly acks: number;
  readonly bytes: number;
  /** Of each client, in the order of opening. */
  readonly each: readonly number[];
}

const crowds = new Map<string, Crowd>();

function find(name: string): Crowd {
  const crowd = crowds.get(name);
  if (!crowd) throw new Error(`there is no crowd ${name}`);
  return crowd;
}

export async function perform(command: Command): Promise<Sample[] | Timed[] | Count> {
  switch (command.do) {
    case "open": {
      const { crowd, steps } = await Crowd.open(command.options);
      crowds.set(command.crowd, crowd);
      return steps;
    }
    case "close":
      await find(command.crowd).close();
      crowds.delete(command.crowd);
      return [];
    case "count": {
      const { tally, peers } = find(command.crowd);
      const { events, acks, bytes } = tally;
      return { events, acks, bytes, each: peers.map((peer) => peer.events) };
    }
    case "connect":
      return [await connect(command.options)];
    case "churn":
      return [await churn(command.options)];
    case "paced":
      return paced(find(command.crowd), command.options);
    case "echo":
      return [await echo(find(command.crowd), command.options)];
    case "fanOut":
      return [await fanOut(find(command.crowd), command.options)];
    case "tokens":
      return [await tokens(find(command.crowd), command.options)];
    case "joinMany":
      return [await joinMany(find(command.crowd), command.rooms)];
    case "joinAndLeave":
      return [await joinAndLeave(find(command.crowd), command.seconds)];
    case "emitToOne":
      return [await emitToOne(find(command.crowd), command.seconds)];
  }
}
