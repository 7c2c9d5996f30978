import {
  ConnectedSocket,
  MessageBody,
  type OnGatewayInit,
  SubscribeMessage,
  WebSocketGateway,
  WebSocketServer,
} from "@nestjs/websockets";
import type { Namespace, Socket } from "socket.io";

@WebSocketGateway({ namespace: "staff" })
export class StaffGateway implements OnGatewayInit {
  @WebSocketServer()
  private readonly namespace: Namespace;

  afterInit(namespace: Namespace): void {
    namespace.use((socket, next) => {
      if (socket.handshake.auth.key === "open") return next();
      const error = new Error("staff only") as Error & { data?: object };
      error.data = { ask: "the manager" };
      next(error);
    });
  }

  @SubscribeMessage("where")
  where(@ConnectedSocket() socket: Socket): string {
    return `${socket.nsp.name} ${this.namespace.name} ${this.namespace.sockets.size}`;
  }

  @SubscribeMessage("bytes")
  bytes(@MessageBody() bytes: Buffer): { length: number; back: Buffer } {
    return { length: bytes.length, back: Buffer.from(bytes).reverse() };
  }

  @SubscribeMessage("dismiss")
  dismiss(): void {
    this.namespace.disconnectSockets();
  }
}
