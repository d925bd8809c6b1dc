"""Writes every packet that the interfaces of a host see to a file, until standard input ends (packet(7)). Linux, root."""

import select
import socket
import sys

EVERYTHING = 0x0003
RECEIVE_BUFFER_FORCE = 33

packets = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(EVERYTHING))
try:
    packets.setsockopt(socket.SOL_SOCKET, RECEIVE_BUFFER_FORCE, 64 << 20)
except OSError:
    packets.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
with open(sys.argv[1], "wb") as file:
    print("capturing", flush=True)
    while True:
        ready, _, _ = select.select([packets, sys.stdin], [], [])
        if packets in ready:
            file.write(packets.recv(65536))
        elif sys.stdin in ready:
            break
    packets.setblocking(False)
    try:
        while True:
            file.write(packets.recv(65536))
    except BlockingIOError:
        pass
