import {
  Ack,
  ConnectedSocket,
  MessageBody,
  type OnGatewayConnection,
  type OnGatewayDisconnect,
  type OnGatewayInit,
  SubscribeMessage,
  WebSocketGateway,
  WebSocketServer,
  WsException,
  type WsResponse,
} from "@nestjs/websockets";
import { from, map, type Observable } from "rxjs";
import { Server, Socket } from "socket.io";

@WebSocketGateway()
export class RoomsGateway implements OnGatewayInit, OnGatewayConnection, OnGatewayDisconnect {
  @WebSocketServer()
  private server: Server;
  private ready = false;

  afterInit(server: Server): void {
    this.ready = server instanceof Server;
  }

  handleConnection(socket: Socket): void {
    socket.emit("welcome", { name: socket.data.name, ready: this.ready });
  }

  handleDisconnect(socket: Socket): void {
    this.server.emit("left", socket.data.name);
  }

  @SubscribeMessage("enter")
  async enter(@ConnectedSocket() socket: Socket, @MessageBody() room: string): Promise<string[]> {
    await socket.join(room);
    socket.to(room).emit("entered", socket.data.name);
    const sockets = await this.server.in(room).fetchSockets();
    return sockets.map((one) => one.data.name as string).sort();
  }

  @SubscribeMessage("say")
  say(
    @ConnectedSocket() socket: Socket,
    @MessageBody("room") room: string,
    @MessageBody("text") text: string,
    @Ack() done: (answer: { seen: number }) => void,
  ): void {
    if (!socket.rooms.has(room)) throw new WsException(`you are not in ${room}`);
    this.server.to(room).emit("said", { who: socket.data.name, text });
    done({ seen: this.server.of("/").adapter.rooms.get(room)?.size ?? 0 });
  }

  /** Answers with an event of its own. */
  @SubscribeMessage("ping")
  ping(@MessageBody() value: number): WsResponse<number> {
    return { event: "pong", data: value + 1 };
  }

  /** Answers with several. */
  @SubscribeMessage("count")
  count(@MessageBody() to: number): Observable<WsResponse<number>> {
    return from(Array.from({ length: to }, (_, index) => index + 1)).pipe(
      map((data) => ({ event: "counted", data })),
    );
  }

  async people(): Promise<string[]> {
    const sockets = await this.server.fetchSockets();
    return sockets.map((socket) => socket.data.name as string).sort();
  }

  announce(text: string): void {
    this.server.emit("announced", text);
  }
}
