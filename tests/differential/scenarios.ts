import type { Scenario } from "./scenario.ts";
import { acks } from "./scenarios/acks.ts";
import { answers } from "./scenarios/answers.ts";
import { binary } from "./scenarios/binary.ts";
import { clients } from "./scenarios/clients.ts";
import { connecting } from "./scenarios/connecting.ts";
import { corners } from "./scenarios/corners.ts";
import { disconnects } from "./scenarios/disconnects.ts";
import { emitters } from "./scenarios/emitters.ts";
import { engine } from "./scenarios/engine.ts";
import { middleware } from "./scenarios/middleware.ts";
import { namespaces } from "./scenarios/namespaces.ts";
import { reconnecting } from "./scenarios/reconnecting.ts";
import { recovery } from "./scenarios/recovery.ts";
import { requests } from "./scenarios/requests.ts";
import { rooms } from "./scenarios/rooms.ts";
import { servers } from "./scenarios/servers.ts";

export const SCENARIOS: readonly Scenario[] = [
  ...acks,
  ...answers,
  ...binary,
  ...clients,
  ...connecting,
  ...corners,
  ...disconnects,
  ...emitters,
  ...engine,
  ...middleware,
  ...namespaces,
  ...reconnecting,
  ...recovery,
  ...requests,
  ...rooms,
  ...servers,
];
