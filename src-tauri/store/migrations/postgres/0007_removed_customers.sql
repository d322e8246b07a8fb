-- A customer whose instance is removed, or whose run came to nothing since, is no longer `paused`.

UPDATE fabrik.customers SET instance_state = 'stopped'
 WHERE instance_state = 'paused' AND production_url IS NULL
   AND EXISTS (
       SELECT 1 FROM fabrik.runs AS newest
        WHERE newest.customer_id = customers.id
          AND newest.number = (SELECT max(number) FROM fabrik.runs AS one WHERE one.customer_id = customers.id)
          AND (newest.state IN ('cancelled', 'rolled_back')
               OR newest.state = 'succeeded' AND newest.purpose = 'deprovision'));
