<?php

class Holder
{
    public function with(): static
    {
        return $this;
    }
}
