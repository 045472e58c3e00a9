"""Real servers for a machine that has none: PostgreSQL and Valkey from wheels, under our own supervisor.

Used only without DATABASE_URL and BROKER_URL. Knows nothing of Django.
"""
