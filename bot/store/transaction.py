"""What several queries share that must come true together, or not at all."""

from sqlalchemy import Connection

Transaction = Connection
