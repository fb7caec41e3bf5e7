<?php

class Holder
{
    #[ReturnTypeWillChange]
    public function offsetGet($offset)
    {
        return $offset;
    }
}
