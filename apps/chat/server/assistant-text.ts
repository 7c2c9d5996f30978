/** What the built-in assistant recombines: one sentence per line, written for it. */
export const TEXT: string = `
A bowline makes a loop at the end of a rope that holds under load and never slips.
A bowline is easy to untie, even after a night of pulling.
The bowline begins with a small loop, and the end of the rope comes up through it.
The rabbit comes out of the hole, goes round the tree, and goes back down the hole.
The loop of a bowline keeps its size, however hard you pull on the rope.
A knot is good when it holds under load and is easy to untie.
A knot that slips once will slip again at the worst moment.
A knot is dressed when its parts lie side by side and nothing crosses without a reason.
Dress the knot first, then set it with a firm pull on every part.
Every knot makes the rope weaker, because a bend in the rope loads its fibres unevenly.
The rope breaks beside the knot, hardly ever inside it.
A figure eight is a stopper that keeps the end of the rope from running out of a block.
A figure eight is easy to tie and easy to check at a glance.
A clove hitch is quick to make, and it holds best when the load is steady.
A clove hitch can slip on a smooth rail, so add two half hitches when it matters.
Two half hitches hold a rope on a ring, and a round turn takes the load first.
A round turn takes most of the load, so that you can tie the rest with one hand.
A sheet bend joins two ropes of different thickness, with the bight in the thicker one.
A sheet bend and a bowline have the same shape, turned to another purpose.
A reef knot ties a bundle, and it is no good for joining two ropes that carry people.
The reef knot comes undone when one end is pulled sideways, which is why sailors like it.
A rolling hitch grips along a rope, and it lets you take the load off a jammed winch.
A cleat hitch needs one full turn, a figure eight over the horns, and a single locking hitch.
Too many turns on a cleat only make the next sailor slow.
A trucker's hitch gives you a pulley made of nothing but rope.
A splice is stronger than any knot, and it takes longer to make.
An eye splice is a loop for good, while a bowline is a loop for now.
A whipping keeps the end of the rope from turning into a brush.
When you cannot tie a knot, tie a lot, and then learn to tie a knot.
Practise a knot behind your back, because that is where you will need it in the dark.
Practise with cold hands, and with the rope wet, and with somebody shouting.
A good sailor looks at the knot and not at the clock.
Rope is made of strands, strands are made of yarns, and yarns are made of fibres.
Rope that is laid has a twist you can see, and rope that is braided has a cover and a core.
Nylon stretches, so it makes a kind anchor line in a swell.
Polyester hardly stretches, so it makes a good halyard and a good sheet.
Hemp smells like the old harbour, and it rots when it is put away wet.
Modern fibres are stronger than steel of the same weight, and they are slippery to tie.
A slippery rope asks for one more turn and a longer end.
Leave an end of twelve times the thickness of the rope beyond any knot.
Coil a rope with the lay, and it will run out without a kink.
A rope that was coiled in haste will be slow when it matters.
Wash the salt out of your ropes with fresh water at the end of the season.
Sunlight ages a rope from the outside, and sand ages it from the inside.
Look along the whole rope before you trust it with your weight.
A halyard lifts a sail, and a sheet lets you trim it.
A painter is the rope at the bow of a small boat.
The bow is the front of the boat, and it meets every wave first.
The stern is the back of the boat, and it has the better view of where you have been.
Port is left and starboard is right when you look towards the bow.
A boat sails towards the wind in a zigzag, and each corner of it is a tack.
When the sail flaps, pull the sheet in until it is quiet.
When you are in doubt, let the sheet out.
Reef early, because the wind never asks whether you are ready.
The wind that fills the sail is partly made by the boat itself.
A following sea is comfortable until it is not.
Anchor with a length of rope that is five times the depth of the water, or seven in a blow.
The anchor holds because the pull on it is low and steady.
Look at two marks on the shore, and you will know whether the anchor drags.
The tide turns whether or not the crew has had its tea.
A chart is a promise that somebody sounded this water with a line and a lead.
The lead line told sailors the depth and, with a little tallow, the colour of the sea bed.
Speed was measured with a rope too, by counting the knots that ran out while the sand ran down.
That is why a ship makes so many knots, and not knots per hour.
A log book is a history that everybody on board can trust.
A watch at sea is four hours long, and the middle of it is the longest part.
The cook is the most important person on a small boat after the second day.
A harbour is a place where ropes are shared and advice is free.
Fair winds are mostly a matter of patience.
Somebody on the quay will always take your line, so have it coiled and ready to throw.
Throw the coil past the person and not at the person.
A heaving line has a monkey's fist at its end, which gives it weight.
Good seamanship is doing small things before they become large things.
A small leak is a question, and a large leak is an answer.
The sea does not care which protocol you speak.
Messages are like lines thrown ashore: you want to know that somebody caught them.
In this chat a message is pending until the server has answered for it.
One tick means that the server has the message, and two ticks mean that somebody in the room has it.
The first tick is an ack, which is the answer a server gives to one particular event.
The second tick comes when another page in the room tells the server that it received the message.
A message that you type while the connection is away waits in a buffer, and it is sent when the link is back.
Every message carries an id that your own page made, so sending it again does no harm.
The server knows the ids it has seen, and it keeps only the first copy of a message.
That is how a message can be retried and still appear once.
Nothing is lost silently: a message is delivered, or it is still pending, or you are told why not.
A room in this chat has a name, and the name is in the address of the page.
Share the address, and whoever opens it will be in the same room.
You can make a room by typing a name that nobody has used yet.
The last fifty messages of a room are kept in memory, and you get them when you join.
When the server starts again, the rooms are empty, because this chat writes nothing to disk.
The list of people shows who is here now, and it changes as soon as somebody comes or goes.
Somebody with two tabs open counts as one person.
While you type, your page tells the room about it every other second, and no more often than that.
A typing notice is volatile, which means that it may be dropped when the line is busy.
A picture travels as plain bytes beside the text of its event, without being turned into letters first.
A picture that is too large is made smaller by your own page before it is sent.
Paste a picture, or drop it on the page, or choose it with the button beside the text.
The assistant answers token by token, and every token is one event to the whole room.
Somebody who joins late gets the part of the answer that was written so far, and then the rest of it as it comes.
Anybody in the room can stop the assistant, and the server then stops writing at once.
Write @bow and a question, and the assistant will do what it can.
I am not a model, I am a small walk through a small text, and I may contradict myself.
I choose each word by looking at the two words before it, which is an old trick and an honest one.
With a key for a real model the same stream of tokens would come from there.
Set OPENAI_BASE_URL and OPENAI_API_KEY before you start the server, and a model will answer in my place.
Tokens arrive in order, because an event never overtakes another one on the same connection.
Order is worth more than speed when two people read the same conversation.
A WebSocket is one long connection over which both sides can speak at any time.
When a WebSocket is blocked, the page falls back to long-polling, which is slower and always works.
Long-polling asks a question and waits, and the answer comes when there is something to say.
The page shows which transport it uses, so you never have to guess.
A proxy that does not understand WebSocket is the usual reason for polling.
When the connection is lost, the page waits a little longer before each new attempt.
Waiting a little longer each time is called back-off, and it keeps a tired server from being overrun.
A little randomness in the wait keeps a thousand pages from coming back in the same moment.
You can press the button and try again at once, if you are in a hurry.
The round trip is the time that one small event needs to the server and back.
A round trip of a few milliseconds means that the server is near, or that it is your own computer.
A heartbeat tells both sides that the other one is still there.
Without a heartbeat a broken connection can look like a quiet one for many minutes.
A quiet connection is not a broken one, in the same way that a calm sea is not an empty one.
Bowline speaks the protocol of Socket.IO, so a page that used the one can use the other.
Moving over is a change of one import, and the events keep their names.
The server of this chat is some hundred lines, and so is the page.
Types for the events are written once and are used on both sides of the wire.
Whatever comes over the wire is unknown until somebody has checked it.
The server checks the length of every text, the name of every room, and the bytes of every picture.
A bad message gets a polite answer, and the server goes on serving the others.
A slow reader does not slow the others, because each connection has its own queue and its own bound.
A queue without a bound is a leak that has not been noticed yet.
Good software, like a good knot, is simple to check from the outside.
Good software tells you what it is doing while it is doing it.
An error message should say what happened, and why, and what to do next.
The best test of a rope is the load it will carry, and the best test of a program is the same.
Cut the link on purpose, in daylight, and see whether anything is lost.
Close the lid of your computer, open it again, and watch the room catch up.
If you want to know how strong a line is, look at how it is fastened at both ends.
A connection has two ends, and each of them must know when the other one is gone.
Ask me about a knot, about a rope, about the sea, or about how this chat works.
Ask a short question, and the answer will at least begin in the right place.
The sea rewards those who prepare and forgives those who practise.
A crew that talks is a crew that arrives.
Fasten what matters twice, and write down where you put the spare.
Every line on board has a name, a place, and a reason.
The end of a rope is called the bitter end, and it is only bitter when it slips away.
`;
